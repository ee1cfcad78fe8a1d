"""Keeps sensitive values out of what is said about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from reconciler.language.filled import Filled
from reconciler.language.value import Value
from reconciler.model.diagnostic import Diagnostic, Diagnostics, SourceRange
from reconciler.model.frozen import dataclass

_DETAIL = "The value is sensitive, so what is wrong with it is not shown."
# What these say holds no value.
_HARMLESS = (
    "Sensitive value",
    "Conflicting arguments",
    "Conflicting base images",
    "Argument without effect",
    "Value not known yet",
)
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Hidden:
    """Where sensitive values are written, and the texts in them."""

    places: tuple[SourceRange, ...] = ()
    texts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *blocks: Filled | None) -> Hidden:
        """What is sensitive in blocks, and in those inside of them."""
        places: list[SourceRange] = []
        texts: set[str] = set()
        todo = [block for block in blocks if block is not None]
        while todo:
            block = todo.pop()
            todo.extend(inner for several in block.blocks.values() for inner in several)
            for name in {name.partition(".")[0] for name in block.sensitive}:
                node = block.node(name)
                if name in block.declaration.arguments:
                    places.append(block.declaration.passage.range(node.start, node.end))
                texts.update(_texts(block.arguments.get(name)))
        return cls(tuple(places), frozenset(texts))

    def mask(self, problems: Diagnostics, since: int = 0) -> None:
        """Say less in those problems that came since, where they would say too much."""
        if self.places or self.texts:
            problems.items[since:] = self.masked(problems.items[since:])

    def masked(self, problems: Iterable[Diagnostic]) -> list[Diagnostic]:
        """The same, with no sensitive value in them."""
        return [replace(item, detail=_DETAIL, hint="") if self._tells(item) else item for item in problems]

    def _tells(self, item: Diagnostic) -> bool:
        if item.summary in _HARMLESS:
            return False
        said = f"{item.detail}\n{item.hint}".casefold()
        return any(_lies_in(item.subject, place) for place in self.places) or any(text in said for text in self.texts)


def joined(several: Iterable[Hidden]) -> Hidden:
    """All that is hidden by any of them."""
    everything = list(several)
    places = dict.fromkeys(place for hidden in everything for place in hidden.places)
    return Hidden(tuple(places), frozenset().union(*(hidden.texts for hidden in everything)))


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, str) and len(value) >= _SHORTEST:
        yield value.casefold()
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)


def _lies_in(subject: SourceRange | None, place: SourceRange) -> bool:
    if subject is None or subject.filename != place.filename:
        return False
    return place.start <= subject.start and subject.end <= place.end
