"""Patterns with many wildcards, matched in time that grows with path and pattern and no faster, as Go does it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

IN_A_NAME, ANYTHING, FOLDERS = "[^/]*", ".*", "(.*/)?"
WILD = frozenset({IN_A_NAME, ANYTHING, FOLDERS})


def matching(parts: Sequence[str]) -> Callable[[str], bool]:
    """What matches all parts in a row; those that are not wild are expressions for one character."""
    return _Steps([part for at, part in enumerate(parts) if part not in WILD or at == 0 or parts[at - 1] != part]).match


class _Steps:
    """Follows all ways through a pattern at once: which steps come next, and which folders are being passed over."""

    def __init__(self, steps: Sequence[str]) -> None:
        self._steps = [*steps, ""]
        self._symbols = [None if step in WILD else re.compile(step, re.DOTALL) for step in steps]
        self._end = len(steps)

    def match(self, path: str) -> bool:
        """Whether the whole path is what the pattern means."""
        places, within = self._reached({0}), set[int]()
        for symbol in path:
            following = {to for place in places for to in self._moved(place, symbol)}
            within |= {place for place in places if self._steps[place] == FOLDERS}
            if symbol == "/":
                following |= {place + 1 for place in within}
            places = self._reached(following)
        return self._end in places

    def _moved(self, place: int, symbol: str) -> tuple[int, ...]:
        step = self._steps[place]
        if step in WILD:
            return (place,) if step == ANYTHING or (step == IN_A_NAME and symbol != "/") else ()
        expression = self._symbols[place] if place < self._end else None
        return (place + 1,) if expression is not None and expression.fullmatch(symbol) else ()

    def _reached(self, places: set[int]) -> set[int]:
        """With what lies behind wildcards that match nothing."""
        todo = [*places]
        while todo:
            place = todo.pop()
            if self._steps[place] in WILD and place + 1 not in places:
                places.add(place + 1)
                todo.append(place + 1)
        return places
