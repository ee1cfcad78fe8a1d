"""`.dockerignore` with the rules of Docker itself, its odd corners included, for they decide what an image holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from reconciler.language.definition.go_paths import check_pattern, class_expression, clean, compiled
from reconciler.language.files import TreeEntry
from reconciler.language.span import RefusedError
from reconciler.model.frozen import dataclass

_GO_SPACE = " \t\n\v\f\r\x85\xa0"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of the file; an exception (`!`) takes back what lines above it have ignored."""

    text: str
    line: int
    is_exception: bool
    matches: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Ignored:
    """An entry that is not sent, and the pattern that says so."""

    entry: TreeEntry
    pattern: Pattern


def parse_dockerignore(text: str) -> tuple[Pattern, ...]:
    """The patterns of a file; RefusedError for those that make Docker stop."""
    patterns = []
    for number, raw in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        line = raw.removesuffix("\r")
        if line.startswith("#"):
            continue
        line = line.strip(_GO_SPACE)
        if line:
            patterns.append(_pattern(line, number))
    return tuple(patterns)


def _pattern(line: str, number: int) -> Pattern:
    is_exception = line.startswith("!")
    written = line[1:].strip(_GO_SPACE) if is_exception else line
    if not written:
        raise RefusedError(
            "Invalid file name pattern", f"Line {number} is a `!` without a pattern, which Docker refuses."
        )
    cleaned = clean(written)
    if len(cleaned) > 1 and cleaned.startswith("/"):
        cleaned = cleaned[1:]
    check_pattern(cleaned)
    return Pattern(line, number, is_exception, _matching(cleaned))


def _matching(pattern: str) -> Callable[[str], bool]:
    """How Docker matches one pattern: the first and last wildcards decide between four ways, not all of them alike."""
    parts, kind = _translated(pattern)
    if kind == "exact":
        return lambda path: path == pattern
    if kind == "prefix":
        return lambda path: path.startswith(pattern[:-2])
    if kind == "suffix":
        suffix = pattern[2:]
        return lambda path: path.endswith(suffix) or (suffix.startswith("/") and path == suffix[1:])
    return compiled(parts, pattern)


def _translated(pattern: str) -> tuple[list[str], str]:
    parts: list[str] = []
    kind = "exact"
    at = 0
    while at < len(pattern):
        if pattern.startswith("**", at):
            part, length, found = _two_stars(pattern, at, kind)
        else:
            part, length, found = _symbol(pattern, at)
        parts.append(part)
        kind = found or kind
        at += length
    return parts, kind


def _two_stars(pattern: str, at: int, kind: str) -> tuple[str, int, str]:
    length = 3 if pattern.startswith("**/", at) else 2
    is_last = at + length >= len(pattern)
    part = ".*" if is_last else "(.*/)?"
    if at == 0:
        return part, length, "suffix"
    return part, length, "prefix" if is_last and kind == "exact" else "pattern"


def _symbol(pattern: str, at: int) -> tuple[str, int, str]:
    symbol = pattern[at]
    if symbol in "*?":
        return "[^/]*" if symbol == "*" else "[^/]", 1, "pattern"
    if symbol == "\\":
        return re.escape(pattern[at + 1]), 2, "pattern"
    if symbol == "[":
        end = _closing(pattern, at)
        return class_expression(pattern[at : end + 1]), end + 1 - at, "pattern"
    return re.escape(symbol), 1, "pattern" if symbol == "]" else ""


def _closing(pattern: str, at: int) -> int:
    at += 1 + pattern.startswith("^", at + 1)
    while pattern[at] != "]":
        at += 2 if pattern[at] == "\\" else 1
    return at


def sort_out(tree: Iterable[TreeEntry], patterns: Sequence[Pattern]) -> tuple[list[TreeEntry], list[Ignored]]:
    """What is sent and what is not; a folder of which something is sent is sent as well."""
    sent: dict[str, TreeEntry] = {}
    ignored: list[Ignored] = []
    folders: dict[str, tuple[TreeEntry, tuple[bool, ...]]] = {}
    for entry in sorted(tree, key=lambda entry: entry.name.split("/")):
        parent = entry.name.rpartition("/")[0]
        above = folders[parent][1] if parent in folders else ()
        verdict, results = _verdict(entry.name, above, patterns)
        if entry.kind == "folder":
            folders[entry.name] = (entry, results)
        if verdict:
            ignored.append(Ignored(entry, verdict))
            continue
        for name in _parents(entry.name):
            if name not in sent and name in folders:
                sent[name] = folders[name][0]
        sent[entry.name] = entry
    return sorted(sent.values(), key=lambda entry: entry.name), [one for one in ignored if one.entry.name not in sent]


def _parents(name: str) -> Iterator[str]:
    parts = name.split("/")[:-1]
    return ("/".join(parts[: count + 1]) for count in range(len(parts)))


def _verdict(
    path: str, above: tuple[bool, ...], patterns: Sequence[Pattern]
) -> tuple[Pattern | None, tuple[bool, ...]]:
    """The pattern that ignores a path; with what each pattern said, which Docker hands down to what lies below."""
    ignoring: Pattern | None = None
    results = [False] * len(patterns)
    for at, pattern in enumerate(patterns):
        matched = bool(above) and above[at]
        if not matched:
            if pattern.is_exception != (ignoring is not None):
                continue
            matched = pattern.matches(path)
        results[at] = matched
        if matched:
            ignoring = None if pattern.is_exception else pattern
    return ignoring, tuple(results)
