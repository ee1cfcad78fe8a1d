"""What refers to what, in which order that can be worked out, and where it goes round in a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reconciler.language import nodes
from reconciler.language.declaration import Declaration
from reconciler.language.span import SpanError
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Edge:
    """One object refers to another, at a place; `key` is the index after it, for one instance of several."""

    source: str
    target: str
    declaration: Declaration
    start: int
    end: int
    key: nodes.Expression | None = None

    @property
    def where(self) -> str:
        """File and line of the reference."""
        return self.declaration.where_is(nodes.Node(self.start, self.end))


Edges = Mapping[str, Sequence[Edge]]


@dataclass(frozen=True, slots=True)
class Order:
    """All objects, those first that others stand on; and those that stand in a circle, which have no place in it."""

    objects: Sequence[str]
    circular: frozenset[str]


def order(edges: Edges, problems: Diagnostics) -> Order:
    """The order to work in; each circle is a problem."""
    finished: dict[str, None] = {}
    circular: set[str] = set()
    for start in sorted(edges):
        if start not in finished:
            for cycle in _walk(edges, start, finished):
                if circular.isdisjoint(edge.source for edge in cycle):
                    _report(cycle, problems)
                circular.update(edge.source for edge in cycle)
    return Order([name for name in finished if name not in circular], frozenset(circular))


def _walk(edges: Edges, start: str, finished: dict[str, None]) -> Iterator[Sequence[Edge]]:
    """Finish everything that the start leads to; gives the circles on the way, as the edges that lead round them."""
    path: list[Edge] = []
    places = {start: 0}
    todo = [iter(edges[start])]
    while todo:
        edge = next(todo[-1], None)
        if edge is None:
            todo.pop()
            done = path.pop().target if path else start
            finished[done] = None
            del places[done]
        elif edge.target in places:
            yield [*path[places[edge.target] :], edge]
        elif edge.target not in finished:
            path.append(edge)
            places[edge.target] = len(path)
            todo.append(iter(edges.get(edge.target, ())))


def _report(cycle: Sequence[Edge], problems: Diagnostics) -> None:
    first = cycle[0]
    path = " → ".join(f"`{edge.source}` ({edge.where})" for edge in cycle)
    detail = (
        f"{path} → `{first.source}`. None of these can be worked out before the others. "
        "Write one of the values without a reference."
    )
    if len(cycle) == 1:
        detail = f"{path} → `{first.source}`. A value cannot be worked out from itself."
    first.declaration.report(SpanError("Dependency cycle", detail, first.start, first.end), problems)
