"""What values can be: the types that configuration names, and that values have by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.model.frozen import dataclass

if TYPE_CHECKING:
    from reconciler.language.value import Value

PRIMITIVES = ("string", "number", "bool")
COLLECTIONS = ("list", "set", "map")


@dataclass(frozen=True, slots=True)
class Type:
    """A primitive, `any`, a collection of its one part, or a structure over its parts, which objects name by `keys`.

    `optional` is for what users declare, never for what a value is: attributes that may be missing, each with its
    default (None: null).
    """

    kind: str
    parts: tuple[Type, ...] = ()
    keys: tuple[str, ...] = ()
    optional: tuple[tuple[str, Value], ...] = ()

    @property
    def element(self) -> Type:
        """What a collection holds."""
        return self.parts[0]

    @property
    def attributes(self) -> Mapping[str, Type]:
        """The types of an object's attributes."""
        return dict(zip(self.keys, self.parts, strict=True))

    @property
    def exact(self) -> Type:
        """The type that values of this declared type have."""
        return replace(self, parts=tuple(part.exact for part in self.parts), optional=()) if self.parts else self

    @property
    def open(self) -> bool:
        """Whether `any` is in it, so that a value decides."""
        return self.kind == "any" or any(part.open for part in self.parts)

    def __str__(self) -> str:
        """As it is written in HCL."""
        if self.kind in COLLECTIONS:
            return f"{self.kind}({self.element})"
        if self.kind == "tuple":
            return f"tuple([{', '.join(map(str, self.parts))}])"
        if self.kind == "object":
            named = [f"{key} = {part}" for key, part in zip(self.keys, self.parts, strict=True)]
            return f"object({{{', '.join(named)}}})"
        return self.kind


ANY = Type("any")
STRING = Type("string")
NUMBER = Type("number")
BOOL = Type("bool")


def list_of(element: Type) -> Type:
    """`list(element)`."""
    return Type("list", (element,))


def set_of(element: Type) -> Type:
    """`set(element)`."""
    return Type("set", (element,))


def map_of(element: Type) -> Type:
    """`map(element)`."""
    return Type("map", (element,))


def tuple_of(parts: Iterable[Type]) -> Type:
    """`tuple([parts])`."""
    return Type("tuple", tuple(parts))


def object_of(attributes: Mapping[str, Type], optional: Mapping[str, Value] | None = None) -> Type:
    """`object({attributes})`; each optional one with its default."""
    keys = tuple(sorted(attributes))
    return Type("object", tuple(attributes[key] for key in keys), keys, tuple((optional or {}).items()))
