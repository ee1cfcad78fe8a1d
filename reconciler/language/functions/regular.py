"""The door to RE2: regular expressions as Terraform has them, in time that grows with the text and no faster."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from reconciler.language.functions.signature import ArgumentError
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern

_ESCAPE = lazy_pattern(r"\\Q.*?(?:\\E|\Z)|\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Match:
    """Where an expression matched in the bytes of a text, and the text of each group, None where one took no part."""

    start: int
    end: int
    groups: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Regular:
    """A compiled expression. `names` are those of the groups, by their numbers from 1."""

    program: Any
    count: int
    names: Mapping[int, str]

    def first(self, text: str) -> Match | None:
        """The leftmost match."""
        return next(self.matches(text.encode()), None)

    def matches(self, content: bytes) -> Iterator[Match]:
        """All matches, none overlapping; an empty one never touches the one before it."""
        at, last = 0, -1
        while at <= len(content):
            found = self.program.search(content, at)
            if found is None:
                return
            start, end = found.span()
            if start < end or start != last:
                groups = (found.group(), *found.groups())
                yield Match(start, end, tuple(None if group is None else group.decode() for group in groups))
                last = end
            at = end if end > start else _after(content, end)


@lru_cache(maxsize=256)
def compiled(pattern: str, at: int = 0) -> Regular:
    """The expression that a pattern spells; ArgumentError for the argument `at` where it spells none."""
    import re2

    options = re2.Options()
    options.log_errors = False
    if any(found[1] == "C" for found in _ESCAPE.finditer(pattern)):
        raise _invalid(at, r"`\C` would match half a character")
    try:
        program = re2.compile(pattern.encode(), options)
    except re2.error as error:
        reason = error.args[0]
        raise _invalid(at, reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)) from None
    names = {number: name.decode() for name, number in program.groupindex.items()}
    return Regular(program, program.groups, names)


def _after(content: bytes, at: int) -> int:
    """The offset of the next character."""
    at += 1
    while at < len(content) and content[at] & 0xC0 == 0x80:
        at += 1
    return at


def _invalid(at: int, reason: str) -> ArgumentError:
    hint = "there is neither look-around nor back-reference: expressions are those of RE2"
    return ArgumentError(at, f"This is no regular expression: {reason}.", hint)
