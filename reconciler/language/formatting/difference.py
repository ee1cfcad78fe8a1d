"""What formatting changes, as a patch. Lines stay lines, so that no search for common parts is needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest

_CONTEXT = 3
_Pair = tuple[str, str]


def patch(name: str, old: str, new: str) -> Iterator[str]:
    """The lines of a unified diff, without their newlines; none where nothing changes."""
    pairs = list(zip_longest(_lines(old), _lines(new), fillvalue=""))
    changed = [index for index, (before, after) in enumerate(pairs) if before != after]
    if changed:
        yield from (f"--- old/{name}", f"+++ new/{name}")
    for first, last in _hunks(changed):
        start, end = max(first - _CONTEXT, 0), min(last + _CONTEXT + 1, len(pairs))
        hunk = pairs[start:end]
        yield f"@@ -{_place(start, [pair[0] for pair in hunk])} +{_place(start, [pair[1] for pair in hunk])} @@"
        for same, group in groupby(hunk, key=lambda pair: pair[0] == pair[1]):
            yield from _shown(list(group), same=same)


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + lines[-1:] * bool(lines[-1])


def _hunks(changed: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last changed line of each hunk: two changes are in one where their contexts meet."""
    start = 0
    for index, line in enumerate(changed):
        if index + 1 == len(changed) or changed[index + 1] - line > 2 * _CONTEXT + 1:
            yield changed[start], line
            start = index + 1


def _place(start: int, lines: Sequence[str]) -> str:
    count = sum(map(bool, lines))
    return f"{start + 1 if count else start}" + ("" if count == 1 else f",{count}")


def _shown(pairs: Sequence[_Pair], *, same: bool) -> Iterator[str]:
    if same:
        yield from _marked(" ", [pair[0] for pair in pairs])
    else:
        yield from _marked("-", [pair[0] for pair in pairs])
        yield from _marked("+", [pair[1] for pair in pairs])


def _marked(mark: str, lines: Sequence[str]) -> Iterator[str]:
    for line in filter(None, lines):
        yield mark + line.removesuffix("\n")
        if not line.endswith("\n"):
            yield "\\ No newline at end of file"
