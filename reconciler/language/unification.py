"""Finds the one type that two values can share, as both results of a conditional must."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconciler.language.value import Value, kind, to_text


@dataclass(frozen=True, slots=True)
class Type:
    """A type: a primitive, `any` for null, or a structure over `parts`, which are keyed in objects alone."""

    kind: str
    parts: tuple[Type, ...] = ()
    keys: tuple[str, ...] = ()


_ANY = Type("any")
_STRING = Type("string")
_PRIMITIVES = ("string", "number", "bool")


def type_of(value: Value) -> Type:
    """The type that a value has by itself."""
    if value is None:
        return _ANY
    if isinstance(value, tuple):
        return Type("tuple", tuple(map(type_of, value)))
    if isinstance(value, Mapping):
        keys = tuple(sorted(value))
        return Type("object", tuple(type_of(value[key]) for key in keys), keys)
    return Type(kind(value))


def unify(types: Sequence[Type]) -> Type | None:
    """The type that values of all these types can be converted to, or None when there is none."""
    known = [item for item in types if item != _ANY]
    if not known or all(item == known[0] for item in known):
        return known[0] if known else _ANY
    kinds = {item.kind for item in known}
    if kinds <= set(_PRIMITIVES):
        return _STRING if "string" in kinds else None
    if kinds == {"tuple"}:
        same = len({len(item.parts) for item in known}) == 1
        return _structure("tuple", known, ()) if same else _collection("list", known)
    if kinds == {"object"}:
        same = len({item.keys for item in known}) == 1
        return _structure("object", known, known[0].keys) if same else _collection("map", known)
    return None


def convert(value: Value, to: Type) -> Value:
    """The value as that type, which must have come from unifying its own type with others."""
    if value is None or to == _ANY:
        return value
    if to.kind == "string":
        return to_text(value)
    if isinstance(value, tuple):
        parts = to.parts if to.kind == "tuple" else to.parts * len(value)
        return tuple(map(convert, value, parts))
    if isinstance(value, Mapping):
        by_key = dict(zip(to.keys, to.parts, strict=True)) if to.kind == "object" else dict.fromkeys(value, to.parts[0])
        return {key: convert(item, by_key[key]) for key, item in value.items()}
    return value


def _structure(kind: str, types: Sequence[Type], keys: tuple[str, ...]) -> Type | None:
    parts = [unify(column) for column in zip(*(item.parts for item in types), strict=True)]
    found = tuple(part for part in parts if part is not None)
    return Type(kind, found, keys) if len(found) == len(parts) else None


def _collection(kind: str, types: Sequence[Type]) -> Type | None:
    element = unify([part for item in types for part in item.parts])
    return None if element is None else Type(kind, (element,))
