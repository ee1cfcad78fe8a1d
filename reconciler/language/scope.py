"""What the names in an expression stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from reconciler.language import nodes
from reconciler.language.extent import Extents
from reconciler.language.files import Files
from reconciler.language.span import RefusedError, SpanError
from reconciler.language.value import Value
from reconciler.model.frozen import dataclass
from reconciler.model.suggestion import did_you_mean

if TYPE_CHECKING:
    from reconciler.language.traversals import Reference

MAXIMUM_ELEMENTS = 100_000
MAXIMUM_TEXT = 10_000_000

Steps = Sequence[nodes.Attribute | nodes.Index]
Evaluate = Callable[[nodes.Expression, "Scope"], Value]


class UndeclaredError(SpanError):
    """A name that stands for nothing: a mistake even where its value would not be used."""


class Root(Protocol):
    """What a traversal may begin with, such as `environment`."""

    def resolve(self, name: nodes.Name, steps: Steps) -> tuple[Value, int]:
        """The value after the first steps, and how many steps that took; SpanError where there is none."""

    def waits(self, reference: Reference) -> bool:
        """Whether a value behind it may become known later; else it is unknown because something is wrong."""


@dataclass(slots=True)
class Budget:
    """How much the evaluation of one argument has made so far: whatever the text asks for, it ends."""

    elements: int = 0
    characters: int = 0
    extents: Extents = field(default_factory=Extents)

    def spend(self, node: nodes.Node) -> None:
        """One element more of a loop."""
        self.elements += 1
        if self.elements > MAXIMUM_ELEMENTS:
            detail = f"The loops of one argument may make {MAXIMUM_ELEMENTS:,} elements together."
            raise SpanError("Too many elements", detail, node.start, node.end)

    def write(self, length: int, node: nodes.Node) -> None:
        """A text of this length more."""
        self.characters += length
        if length > MAXIMUM_TEXT or self.characters > 10 * MAXIMUM_TEXT:
            detail = f"A text may hold {MAXIMUM_TEXT:,} characters, all texts of one argument {10 * MAXIMUM_TEXT:,}."
            raise SpanError("Text too long", detail, node.start, node.end)

    def take(self, worked: nodes.Worked) -> Value:
        """What was made before counts as if it were made here."""
        if worked.elements:
            self.elements += worked.elements - 1
            self.spend(worked)
        if worked.characters:
            self.characters += worked.characters
            self.write(0, worked)
        return worked.value

    def admit(self, made: Value, node: nodes.Node) -> Value:
        """The same structure, unless it is too large or too deep to be walked."""
        try:
            return self.extents.admit(made)
        except RefusedError as refused:
            raise SpanError(refused.summary, refused.detail, node.start, node.end) from None


@dataclass(frozen=True, slots=True)
class Scope:
    """The names of loops, innermost first, then the roots of references."""

    roots: Mapping[str, Root] = field(default_factory=dict)
    names: Mapping[str, Value] = field(default_factory=dict)
    item: Value = None
    budget: Budget = field(default_factory=Budget)
    files: Files | None = None

    def with_names(self, names: Iterable[nodes.Name], values: Iterable[Value]) -> Scope:
        """The same inside a loop."""
        bound = {name.name: value for name, value in zip(names, values, strict=True)}
        return Scope(self.roots, {**self.names, **bound}, self.item, self.budget, self.files)

    def with_item(self, item: Value) -> Scope:
        """The same inside a splat."""
        return Scope(self.roots, self.names, item, self.budget, self.files)

    def renewed(self) -> Scope:
        """The same for another argument, which may make as much as this one."""
        return Scope(self.roots, self.names, self.item, Budget(), self.files)

    def resolve(self, name: nodes.Name, steps: Steps) -> tuple[Value, int]:
        """The value that a traversal begins with, and how many of its steps that took."""
        if name.name in self.names:
            return self.names[name.name], 0
        if name.name in self.roots:
            return self.roots[name.name].resolve(name, steps)
        if steps:
            detail = f"`{name.name}` is neither declared here nor a kind of object that can be referred to."
        else:
            detail = f'Nothing is called `{name.name}` here. If you mean a text, write it in quotes: "{name.name}".'
        hint = did_you_mean(name.name, (*self.names, *self.roots))
        raise UndeclaredError("Invalid reference", detail, name.start, name.end, hint=hint)
