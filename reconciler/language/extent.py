"""How large values are. A value can hold another one twice, and that one a third one twice: soon nobody can walk it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from reconciler.language.span import RefusedError
from reconciler.language.tokens import MAXIMUM_DEPTH
from reconciler.language.value import Value, unmark
from reconciler.model.frozen import dataclass

MAXIMUM_PARTS = 1_000_000

_SMALL = (str, int, bool)
_TOO_LARGE = RefusedError("Value too large", f"A value may hold {MAXIMUM_PARTS:,} parts, and this one has more.")
_TOO_DEEP = RefusedError(
    "Nested too deeply", f"Values may be nested {MAXIMUM_DEPTH} deep, and this one is nested deeper."
)


@dataclass(slots=True)
class Extents:
    """The parts and the depth of each structure met so far, by its identity; it keeps them alive for that."""

    known: dict[int, tuple[Value, int, int]] = field(default_factory=dict)

    def admit(self, made: Value) -> Value:
        """The same structure. Raises RefusedError for one that holds too much, or is nested too deeply."""
        self._measure(made)
        return made

    def _measure(self, value: Value, level: int = 0) -> tuple[int, int]:
        value, _ = unmark(value)
        if not isinstance(value, (tuple, Mapping)):
            return 1, 0
        if id(value) in self.known:
            _, parts, depth = self.known[id(value)]
        else:
            if level > MAXIMUM_DEPTH:
                raise _TOO_DEEP
            parts, depth = self._sum(value.values() if isinstance(value, Mapping) else value, level + 1)
            self.known[id(value)] = value, parts, depth
        if parts > MAXIMUM_PARTS:
            raise _TOO_LARGE
        if level + depth > MAXIMUM_DEPTH:
            raise _TOO_DEEP
        return parts, depth

    def _sum(self, items: Iterable[Value], level: int) -> tuple[int, int]:
        parts, depth = 1, 0
        for item in items:
            if type(item) in _SMALL:
                parts += 1
                continue
            more, deeper = self._measure(item, level)
            parts, depth = parts + more, max(depth, deeper)
        return parts, depth + 1
