"""Patterns of file names: `*`, `?`, `[a-z]`, `{a,b}` inside of one name, `**` over any number of folders."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from reconciler.language.functions.regular import Regular, compiled
from reconciler.language.functions.signature import CallError
from reconciler.language.value import shown
from reconciler.model.pattern import lazy_pattern

_MAGIC = lazy_pattern(r"[*?\[{\\]")
_TOKEN = lazy_pattern(
    r"\\(?P<escaped>.)|(?P<star>\*+)|(?P<any>\?)|\[(?P<class>\^?(?:\\.|[^\]\\])+)\]|\{(?P<choice>[^{}\[]*)\}|(?P<plain>[^\\*?\[{])",
    re.DOTALL,
)


def is_magic(name: str) -> bool:
    """Whether a name is a pattern and not just itself."""
    return _MAGIC.search(name) is not None


@lru_cache(maxsize=256)
def pattern_of(names: Sequence[str]) -> Regular:
    """What paths that these patterns describe, one for each name, look like."""
    parts: list[str] = []
    for number, name in enumerate(names):
        last = number == len(names) - 1
        if name == "**":
            parts.append(r".*" if last else r"(?:[^/]+/)*")
        else:
            parts.append(_name(name) + ("" if last else "/"))
    return compiled(rf"(?s)\A(?:{''.join(parts)})\z", 1)


def _name(pattern: str) -> str:
    at, parts = 0, []
    while at < len(pattern):
        found = _TOKEN.match(pattern, at)
        if found is None:
            detail = f"{shown(pattern)} is no pattern of file names: a bracket, brace or backslash in it has no end."
            raise CallError(detail, "a brace may hold neither `/` nor another brace")
        parts.append(_token(found))
        at = found.end()
    return "".join(parts)


def _token(found: re.Match[str]) -> str:
    if found["star"]:
        return "[^/]*"
    if found["any"]:
        return "[^/]"
    if found["class"]:
        return _characters(found["class"])
    if found["choice"] is not None:
        return f"(?:{'|'.join(map(_name, found['choice'].split(',')))})"
    return re.escape(found["escaped"] or found["plain"])


def _characters(inside: str) -> str:
    negated = inside.startswith("^")
    literal = "".join(rf"\{one}" if one in r"[]^&~|" else one for one in inside[negated:])
    return f"[{'^/' if negated else ''}{literal}]"
