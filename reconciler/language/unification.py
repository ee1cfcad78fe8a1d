"""Finds the one type that values of several types can share, as both results of a conditional must."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.language.types import ANY, COLLECTIONS, PRIMITIVES, STRING, Type

# Tuples are often lists that nobody has called so, and objects maps.
_ALSO = {frozenset(("list", "tuple")): "list", frozenset(("map", "object")): "map"}


def unify(types: Sequence[Type]) -> Type | None:
    """The type that values of all these types can be converted to, or None when there is none.

    Beside one of no type yet, what a structure will be is not known either: `any`, which only equal types share.
    """
    if not types or all(item == types[0] for item in types):
        return types[0] if types else ANY
    known = [item for item in types if item != ANY]
    kinds = frozenset(item.kind for item in known)
    otherwise = ANY if len(known) < len(types) else None
    if kinds <= {*PRIMITIVES}:
        return STRING if "string" in kinds else known[0] if len(kinds) == 1 else otherwise
    if len(kinds) == 1:
        return otherwise or _of_one_kind(known)
    if kinds >= {"object", "tuple"}:
        return None
    found = _collection(_ALSO[kinds], known) if kinds in _ALSO and not otherwise else None
    return found or _fitting(known) or otherwise


def _of_one_kind(types: Sequence[Type]) -> Type | None:
    kind = types[0].kind
    if kind in COLLECTIONS:
        return _collection(kind, types)
    if len({(len(item.parts), item.keys) for item in types}) == 1:
        return _structure(types)
    return _collection("list" if kind == "tuple" else "map", types)


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
        return given.kind in ("list", "set", "tuple") and _gathered(given, to)
    if to.kind == "map":
        return given.kind in ("map", "object") and _gathered(given, to)
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


def _gathered(given: Type, to: Type) -> bool:
    """Whether the parts could be the elements of a collection."""
    if to.element == ANY:
        return unify(given.parts) is not None
    return all(possible(part, to.element) for part in given.parts)


def _structure(types: Sequence[Type]) -> Type | None:
    parts = [unify(column) for column in zip(*(item.parts for item in types), strict=True)]
    found = tuple(part for part in parts if part is not None)
    return Type(types[0].kind, found, types[0].keys) if len(found) == len(parts) else None


def _collection(kind: str, types: Sequence[Type]) -> Type | None:
    """The collection of what all parts can be; what is empty becomes one of whatever there is."""
    element = unify([part for item in types for part in item.parts])
    found = None if element is None else Type(kind, (element,))
    return found if found is not None and all(possible(item, found) for item in types) else None
