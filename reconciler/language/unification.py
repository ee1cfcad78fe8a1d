"""Finds the one type that values of several types can share, as both results of a conditional must."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.language.types import ANY, PRIMITIVES, STRING, Type

_COLLECTIONS = {
    frozenset(kinds.split()): collection
    for collection, alternatives in {
        "list": ("list", "tuple", "list tuple"),
        "map": ("map", "object", "map object"),
        "set": ("set",),
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
    found = _collection(_COLLECTIONS[kinds], known) if kinds in _COLLECTIONS else None
    return found or _fitting(known)


def _fitting(types: Sequence[Type]) -> Type | None:
    """The first of the types that values of all the others may become, lists before sets."""
    ordered = sorted(types, key=lambda item: item.kind)
    return next((wanted for wanted in ordered if all(possible(item, wanted) for item in types)), None)


def possible(given: Type, to: Type) -> bool:
    """Whether some value of a type could become one of another, as far as types tell."""
    if "any" in (given.kind, to.kind) or given.kind == to.kind in PRIMITIVES:
        return True
    if to.kind in PRIMITIVES:
        return given.kind == "string" or (to.kind == "string" and given.kind in PRIMITIVES)
    if to.kind in ("list", "set"):
        return given.kind in ("list", "set", "tuple") and all(possible(part, to.element) for part in given.parts)
    if to.kind == "map":
        return given.kind in ("map", "object") and all(possible(part, to.element) for part in given.parts)
    if to.kind == "tuple":
        return given.kind == "tuple" and len(given.parts) == len(to.parts) and all(map(possible, given.parts, to.parts))
    if given.kind == "map":
        return all(possible(given.element, part) for part in to.parts)
    needed = set(to.keys) - {key for key, _ in to.optional}
    shared = to.attributes.keys() & given.keys
    return (
        given.kind == "object"
        and needed <= set(given.keys)
        and all(possible(given.attributes[key], to.attributes[key]) for key in shared)
    )


def _structure(types: Sequence[Type]) -> Type | None:
    parts = [unify(column) for column in zip(*(item.parts for item in types), strict=True)]
    found = tuple(part for part in parts if part is not None)
    return Type(types[0].kind, found, types[0].keys) if len(found) == len(parts) else None


def _collection(kind: str, types: Sequence[Type]) -> Type | None:
    element = unify([part for item in types for part in item.parts])
    return None if element is None else Type(kind, (element,))
