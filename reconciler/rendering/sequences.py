"""Two lists laid side by side: what stays, what comes, what goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Generic, TypeVar

from reconciler.model.frozen import dataclass
from reconciler.rendering.values import ABSENT, Marker, Value, kind, same

T = TypeVar("T")

# Beyond so many comparisons the shortest description costs more than it tells.
_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Pair(Generic[T]):
    """One step from the old list to the new one; ABSENT on the side that has no such element."""

    old: T | Marker
    new: T | Marker
    stays: bool = False


def paired_lines(old: Sequence[str], new: Sequence[str]) -> list[Pair[str]]:
    """Lines of a text: each stays, goes or comes."""
    return list(_paired(old, new, _common(old, new, str.__eq__), lambda _, __: False))


def paired_elements(old: Sequence[Value], new: Sequence[Value]) -> list[Pair[Value]]:
    """Elements of a list. Where none was moved, added or taken away each is compared with the one in its place."""
    common = _common(old, new, same)
    if len(old) == len(new):
        replaced = sum(1 for one, other in zip(old, new, strict=True) if not same(one, other))
        if replaced <= len(old) - len(common):
            return [Pair(one, other, same(one, other)) for one, other in zip(old, new, strict=True)]
    return list(_paired(old, new, common, _alike))


def in_context(pairs: Iterable[Pair[Value]]) -> Iterator[Pair[Value] | int]:
    """What changes with one neighbour on each side that stays; a number stands for so many left out."""
    waiting: list[Pair[Value]] = []
    begun = False
    for pair in pairs:
        if pair.stays:
            waiting.append(pair)
            continue
        yield from _between(waiting, after_change=begun)
        waiting, begun = [], True
        yield pair
    if waiting and begun:
        yield waiting.pop(0)
    if waiting:
        yield len(waiting)


def _between(waiting: Sequence[Pair[Value]], *, after_change: bool) -> Iterator[Pair[Value] | int]:
    first = 1 if after_change else 0
    yield from waiting[:first]
    if left_out := len(waiting[first:-1]):
        yield left_out
    yield from waiting[max(first, len(waiting) - 1) :]


def _alike(old: Value, new: Value) -> bool:
    return kind(old) == kind(new) == "object"


def _paired(
    old: Sequence[T], new: Sequence[T], common: Sequence[tuple[int, int]], alike: Callable[[T, T], bool]
) -> Iterator[Pair[T]]:
    at, to = 0, 0
    for old_end, new_end in (*common, (len(old), len(new))):
        while at < old_end:
            if to < new_end and alike(old[at], new[to]):
                yield Pair(old[at], new[to])
                to += 1
            else:
                yield Pair(old[at], ABSENT)
            at += 1
        yield from (Pair(ABSENT, one) for one in new[to:new_end])
        if old_end < len(old) and new_end < len(new):
            yield Pair(old[old_end], new[new_end], stays=True)
        at, to = old_end + 1, new_end + 1


def _common(old: Sequence[T], new: Sequence[T], equal: Callable[[T, T], bool]) -> list[tuple[int, int]]:
    """Where the elements of a longest common subsequence stand in both."""
    start, ends = 0, 0
    least = min(len(old), len(new))
    while start < least and equal(old[start], new[start]):
        start += 1
    while ends < least - start and equal(old[-1 - ends], new[-1 - ends]):
        ends += 1
    inside = _longest(old[start : len(old) - ends], new[start : len(new) - ends], equal)
    head = [(number, number) for number in range(start)]
    tail = [(len(old) - number, len(new) - number) for number in range(ends, 0, -1)]
    return [*head, *((start + one, start + other) for one, other in inside), *tail]


def _longest(old: Sequence[T], new: Sequence[T], equal: Callable[[T, T], bool]) -> list[tuple[int, int]]:
    if len(old) * len(new) > _MOST:
        blocks = SequenceMatcher(None, [*map(str, old)], [*map(str, new)], autojunk=False).get_matching_blocks()
        return [(block.a + step, block.b + step) for block in blocks for step in range(block.size)]
    equals = [[equal(one, other) for one in old] for other in new]
    lengths = _lengths(equals, len(old))
    found: list[tuple[int, int]] = []
    x, y = len(old), len(new)
    while x and y:
        if equals[y - 1][x - 1]:
            x, y = x - 1, y - 1
            found.append((x, y))
        elif lengths[y][x - 1] > lengths[y - 1][x]:
            x -= 1
        else:
            y -= 1
    return found[::-1]


def _lengths(equals: Sequence[Sequence[bool]], width: int) -> list[list[int]]:
    lengths = [[0] * (width + 1)]
    for row in equals:
        above, line = lengths[-1], [0]
        for x, equal in enumerate(row):
            line.append(above[x] + 1 if equal else max(above[x + 1], line[-1]))
        lengths.append(line)
    return lengths
