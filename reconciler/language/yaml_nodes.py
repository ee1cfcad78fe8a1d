"""A YAML document as a tree that knows where everything stands and how it was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, replace
from typing import Literal, TypeAlias

from reconciler.language.passage import Document, Passage
from reconciler.language.span import SpanError
from reconciler.model.diagnostic import Diagnostic, Place, SourceRange
from reconciler.model.frozen import dataclass

Kind: TypeAlias = Literal["str", "int", "float", "bool", "null", "timestamp"]
Plain: TypeAlias = "bool | str | int | float | list[Plain] | dict[str, Plain] | None"
Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text with its escapes and line folds undone; `kind` is what YAML 1.1 takes it for, `plain` its value.

    In a document that is read as Terraform does, both are those of a text, and `tag` tells the one that it has.
    """

    start: int
    end: int
    text: str
    kind: Kind
    plain: bool | str | int | float | None
    style: str = ""
    tag: str = ""

    def with_text(self, text: str) -> Scalar:
        """The same place with another text."""
        return replace(self, kind="str", text=text, plain=text)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list. What stands behind an alias has the place of what it repeats."""

    start: int
    end: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in order, merge keys resolved; a key occurs once."""

    start: int
    end: int
    items: tuple[tuple[Scalar, Node], ...]

    def get(self, key: str) -> Node | None:
        """The value of a key."""
        return next((value for name, value in self.items if name.text == key), None)

    def key(self, key: str) -> Scalar | None:
        """The key itself, for its place."""
        return next((name for name, _ in self.items if name.text == key), None)

    def __iter__(self) -> Iterator[tuple[Scalar, Node]]:
        return iter(self.items)


Node: TypeAlias = Scalar | Sequence | Mapping


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """One document and the text it was read from; without a root when it holds nothing but comments."""

    source: Document
    root: Node | None
    passage: Passage = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "passage", Passage(self.source))

    def as_curated(self) -> YamlDocument:
        """The same as one of a registry's own."""
        return YamlDocument(replace(self.source, curated=True), self.root)

    def diagnostic(self, error: SpanError, context: str = "", address: str = "") -> Diagnostic:
        """A mistake in this document as the user will read it."""
        return self.passage.diagnostic(error, context, address)

    def range(self, *path: str | int) -> SourceRange:
        """Where the value at a path stands; of a path that leads nowhere, where its last good step stands."""
        return self.passage.range(*self._span(path))

    def place(self, *path: str | int) -> Place:
        """The same, with the source lines."""
        return self.passage.place(*self._span(path))

    def _span(self, path: Path) -> tuple[int, int]:
        node = self.root
        if node is None:
            return 0, 0
        for step in path:
            following = _step(node, step)
            if following is None:
                break
            node = following
        return node.start, node.end


def _step(node: Node, step: str | int) -> Node | None:
    if isinstance(node, Mapping) and isinstance(step, str):
        return node.get(step)
    if isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None


def plain(node: YamlDocument | Node | None) -> Plain:
    """The bare value, as YAML 1.1 reads it; keys and dates are texts, as they were written."""
    if isinstance(node, YamlDocument):
        return plain(node.root)
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node.items}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return None if node is None else node.plain
