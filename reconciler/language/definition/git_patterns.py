"""The patterns of `.gitignore`, as the Azure ML client reads them: used for nothing but its hash."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reconciler.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class GitPattern:
    """One line that means something."""

    is_exception: bool
    expression: re.Pattern[str]


def parse_patterns(text: str) -> tuple[GitPattern, ...]:
    """The patterns of a file, in order; lines that mean nothing are left out."""
    found = (_pattern(line) for line in text.removeprefix("\ufeff").splitlines())
    return tuple(pattern for pattern in found if pattern)


def is_ignored(path: str, patterns: Sequence[GitPattern]) -> bool:
    """Whether the last pattern that matches a path says so."""
    for pattern in reversed(patterns):
        if pattern.expression.match(path):
            return not pattern.is_exception
    return False


def _pattern(line: str) -> GitPattern | None:
    line = line.lstrip() if line.endswith("\\ ") else line.strip()
    if not line or line.startswith("#") or line == "/":
        return None
    is_exception = line.startswith("!")
    line = line[1:] if is_exception else line
    expression = _expression(_segments(line))
    try:
        return GitPattern(is_exception, re.compile(expression, re.DOTALL)) if expression else None
    except re.error:
        return None


def _segments(line: str) -> list[str]:
    """Parts between slashes; a pattern without a slash inside counts at every depth."""
    segments = line.split("/")
    segments = [part for at, part in enumerate(segments) if part != "**" or at == 0 or segments[at - 1] != "**"]
    if not segments[0]:
        segments = segments[1:]
    elif (len(segments) == 1 or (len(segments) == 2 and not segments[1])) and segments[0] != "**":
        segments = ["**", *segments]
    if len(segments) > 1 and not segments[-1]:
        segments[-1] = "**"
    return segments


def _expression(segments: Sequence[str]) -> str:
    parts: list[str] = []
    slash = ""
    last = len(segments) - 1
    for at, segment in enumerate(segments):
        if segment != "**":
            parts.append(slash + ("[^/]+" if segment == "*" else _glob(segment)) + ("(?:/.*)?" if at == last else ""))
            slash = "/"
        elif at == 0:
            parts.append(".+" if at == last else "(?:.+/)?")
        elif at == last:
            parts.append("/.*")
        else:
            parts.append("(?:/.+)?")
            slash = "/"
    return f"{''.join(parts)}\\Z" if segments else ""


_TOKEN = re.compile(r"\\(?P<escaped>.)|\[(?P<not>[!^]?)(?P<class>\]?[^\]]*)\]|(?P<wild>[*?])|(?P<other>.)", re.DOTALL)


def _glob(segment: str) -> str:
    def translated(found: re.Match[str]) -> str:
        if found["class"]:
            inside = re.sub(r"[\\\[]", r"\\\g<0>", found["class"])
            return f"[{'^' if found['not'] else ''}{inside}]"
        if found["wild"]:
            return "[^/]*" if found["wild"] == "*" else "[^/]"
        return re.escape(found["escaped"] or found["other"] or found.group())

    return _TOKEN.sub(translated, segment)
