"""The patterns of `.amlignore` and `.gitignore`, as the Azure ML client reads them: used for nothing but its hash.

It is not quite what git does: a parent that is ignored can be taken back in part, and `[^a]` holds a `^`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from reconciler.language.span import RefusedError
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern

_LINE_END = lazy_pattern(r"\r\n|\r|\n")
_TOKEN = lazy_pattern(
    r"\\(?P<escaped>.)|\[(?P<not>!?)(?P<class>\]?[^\]]*)\]|(?P<wild>[*?])|(?P<other>[^\\])", re.DOTALL
)
_NOT_AT_THE_TOP = ("**", "")


@dataclass(frozen=True, slots=True)
class GitPattern:
    """One line that means something."""

    is_exception: bool
    expression: re.Pattern[str]


def parse_patterns(text: str) -> tuple[GitPattern, ...]:
    """The patterns of a file, in order; RefusedError for one at which Azure's client gives up."""
    found = (_pattern(line.strip()) for line in _LINE_END.split(text.removeprefix("\ufeff")))
    return tuple(pattern for pattern in found if pattern)


def is_ignored(path: str, patterns: Sequence[GitPattern]) -> bool:
    """Whether the last pattern that matches a path says so."""
    for pattern in reversed(patterns):
        if pattern.expression.match(path):
            return not pattern.is_exception
    return False


def _pattern(line: str) -> GitPattern | None:
    if not line or line.startswith("#") or line == "/":
        return None
    is_exception = line.startswith("!")
    written = _collapsed(line.removeprefix("!").split("/"))
    try:
        expression = "^.+/.*$" if tuple(written) == _NOT_AT_THE_TOP else _expression(_segments(written))
        return GitPattern(is_exception, re.compile(expression))
    except (re.error, ValueError) as cause:
        detail = f"`{line[:60]}` in an ignore file is no pattern that Azure ML's client can read."
        raise RefusedError("Invalid ignore pattern", detail) from cause


def _collapsed(segments: Sequence[str]) -> list[str]:
    """Several `**` in a row are one."""
    return [part for at, part in enumerate(segments) if part != "**" or at == 0 or segments[at - 1] != "**"]


def _segments(segments: list[str]) -> list[str]:
    """Parts between slashes; a pattern without a slash inside counts at every depth."""
    if not segments[0]:
        segments = segments[1:]
    elif (len(segments) == 1 or (len(segments) == 2 and not segments[1])) and segments[0] != "**":
        segments = ["**", *segments]
    if not segments:
        raise ValueError("nothing is left of the pattern")
    return [*segments[:-1], "**"] if len(segments) > 1 and not segments[-1] else segments


def _expression(segments: Sequence[str]) -> str:
    if tuple(segments) == ("**",):
        return "^.+$"
    text = "\0".join(segments)
    groups = [group.strip("\0").split("\0") for group in re.split(r"(?:^|\0)\*\*(?=\0|$)", text) if group.strip("\0")]
    parts = ["^"]
    for number, group in enumerate(groups):
        before = "(?:/.+?)??/" if number else "(?:.+?/)??" if segments[0] == "**" else ""
        body = "/".join("[^/]+" if segment == "*" else _glob(segment) for segment in group)
        # Behind `**` the first place that fits will do, so nothing is tried twice.
        parts.append(f"(?>{before}{body}(?=/|$))")
    return f"{''.join(parts)}{'/.*' if segments[-1] == '**' else '(?:/.*)?'}$"


def _glob(segment: str) -> str:
    if segment.endswith("\\") and (len(segment) - len(segment.rstrip("\\"))) % 2:
        raise ValueError("the backslash at the end escapes nothing")
    chunks = [""]
    for found in _TOKEN.finditer(segment):
        if found["wild"] == "*":
            chunks.append("")
        else:
            chunks[-1] += _translated(found)
    first, *inner = chunks
    if not inner:
        return first
    # Behind a star the first place that fits will do, so there is nothing to go back to but for the last.
    *inner, last = inner
    return first + "".join(f"(?>[^/]*?{chunk})" for chunk in inner if chunk) + f"[^/]*{last}"


def _translated(found: re.Match[str]) -> str:
    if found["class"] is not None:
        inside = found["class"].replace("\\", "\\\\")
        if found["not"]:
            return f"[^{inside}]"
        return rf"[\{inside}]" if inside.startswith("^") else f"[{inside}]"
    return "[^/]" if found["wild"] else re.escape(found["escaped"] or found["other"])
