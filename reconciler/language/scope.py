"""What the names in an expression stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from reconciler.language import nodes
from reconciler.language.files import Files
from reconciler.language.span import SpanError
from reconciler.language.value import Value
from reconciler.model.suggestion import did_you_mean

MAXIMUM_ELEMENTS = 100_000

Steps = Sequence[nodes.Attribute | nodes.Index]


class Root(Protocol):
    """What a traversal may begin with, such as `environment`."""

    def resolve(self, name: nodes.Name, steps: Steps) -> tuple[Value, int]:
        """The value after the first steps, and how many steps that took; SpanError where there is none."""


@dataclass(slots=True)
class Budget:
    """How many elements the loops of one expression have made together."""

    elements: int = 0

    def spend(self, node: nodes.Node) -> None:
        """One element more."""
        self.elements += 1
        if self.elements > MAXIMUM_ELEMENTS:
            detail = f"The `for` expressions of one argument may make {MAXIMUM_ELEMENTS:,} elements together."
            raise SpanError("Too many elements", detail, node.start, node.end)


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
        return replace(self, names={**self.names, **bound})

    def with_item(self, item: Value) -> Scope:
        """The same inside a splat."""
        return replace(self, item=item)

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
        raise SpanError("Invalid reference", detail, name.start, name.end, hint=hint)
