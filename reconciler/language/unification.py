"""Finds the one type that values of several types can share, as both results of a conditional must."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.language.types import ANY, STRING, Type

_COLLECTIONS = {
    frozenset(kinds.split()): collection
    for collection, alternatives in {
        "list": ("list", "tuple", "list tuple"),
        "map": ("map", "object", "map object"),
        "set": ("set", "set list", "set tuple", "set list tuple"),
    }.items()
    for kinds in alternatives
}


def unify(types: Sequence[Type]) -> Type | None:
    """The type that values of all these types can be converted to, or None when there is none."""
    known = [item for item in types if item != ANY]
    if not known or all(item == known[0] for item in known):
        return known[0] if known else ANY
    kinds = frozenset(item.kind for item in known)
    if kinds <= {"string", "number", "bool"}:
        return STRING if "string" in kinds else None
    if len(kinds) == 1 and not kinds & {"list", "set", "map"}:
        alike = len({(len(item.parts), item.keys) for item in known}) == 1
        if alike:
            return _structure(known)
    collection = _COLLECTIONS.get(kinds)
    return _collection(collection, known) if collection else None


def _structure(types: Sequence[Type]) -> Type | None:
    parts = [unify(column) for column in zip(*(item.parts for item in types), strict=True)]
    found = tuple(part for part in parts if part is not None)
    return Type(types[0].kind, found, types[0].keys) if len(found) == len(parts) else None


def _collection(kind: str, types: Sequence[Type]) -> Type | None:
    element = unify([part for item in types for part in item.parts])
    return None if element is None else Type(kind, (element,))
