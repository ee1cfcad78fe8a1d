"""Paths and patterns as Go's `path/filepath` treats them on Linux, which is how Docker treats them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from reconciler.language.definition.wildcards import WILD, matching
from reconciler.language.span import RefusedError

_MOST_WILD = 3  # beyond that a regular expression may try more ways than there is time for


def clean(path: str) -> str:
    """The shortest spelling of a path, without looking at any file."""
    rooted = path.startswith("/")
    parts: list[str] = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".." or not rooted:
            parts.append(part)
    return ("/" if rooted else "") + "/".join(parts) or ("/" if rooted else ".")


def check_pattern(pattern: str) -> None:
    """RefusedError for what filepath.Match refuses: open brackets, empty classes and ranges, a backslash at the end."""
    at = 0
    while at < len(pattern):
        if pattern[at] == "\\":
            at += 1
            if at == len(pattern):
                raise _bad(pattern)
        elif pattern[at] == "[":
            at = _class_end(pattern, at + 1)
        at += 1


def _class_end(pattern: str, at: int) -> int:
    if pattern.startswith("^", at):
        at += 1
    ranges = 0
    while True:
        if pattern.startswith("]", at) and ranges:
            return at
        at = _member_end(pattern, at)
        if pattern.startswith("-", at):
            at = _member_end(pattern, at + 1)
        ranges += 1


def _member_end(pattern: str, at: int) -> int:
    if pattern.startswith("\\", at):
        at += 1
    elif pattern.startswith(("-", "]"), at):
        raise _bad(pattern)
    # What is last cannot be in the class: the bracket is never closed.
    if at + 1 >= len(pattern):
        raise _bad(pattern)
    return at + 1


def _bad(pattern: str) -> RefusedError:
    detail = (
        f"Docker cannot use the pattern `{pattern[:80]}`: a bracket is not closed, empty or holds half a range, or a "
        "backslash stands at the end."
    )
    return RefusedError("Invalid file name pattern", detail)


def matcher(pattern: str) -> Callable[[str], bool]:
    """What filepath.Match accepts: no wildcard crosses a `/`."""
    check_pattern(pattern)
    parts = []
    at = 0
    while at < len(pattern):
        symbol = pattern[at]
        if symbol == "\\":
            at += 1
            parts.append(re.escape(pattern[at]))
        elif symbol == "[":
            end = _class_end(pattern, at + 1)
            parts.append(class_expression(pattern[at : end + 1]))
            at = end
        else:
            parts.append({"*": "[^/]*", "?": "[^/]"}.get(symbol) or re.escape(symbol))
        at += 1
    return compiled(parts, pattern)


def class_expression(text: str) -> str:
    """A bracketed class, in which nothing but ranges, `^` and backslashes means anything."""
    inside = text[1:-1]
    negated = inside.startswith("^")
    inside = inside[1:] if negated else inside
    escaped = re.sub(r"\\?(.)", lambda found: found.group() if found.group() == "-" else re.escape(found[1]), inside)
    return f"[{'^' if negated else ''}{escaped}]"


def compiled(parts: Sequence[str], pattern: str) -> Callable[[str], bool]:
    """What matches all parts in a row, wildcards among them; RefusedError where even that cannot be."""
    try:
        if sum(part in WILD for part in parts) > _MOST_WILD:
            return matching(parts)
        found = re.compile(rf"(?:{''.join(parts)})\Z", re.DOTALL)
    except re.error as cause:
        raise _bad(pattern) from cause
    return lambda path: found.match(path) is not None
