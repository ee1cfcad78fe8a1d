"""Functions of sets, and products of collections."""

from __future__ import annotations

from itertools import product
from math import prod

from reconciler.language.conversion import convert
from reconciler.language.equality import set_from
from reconciler.language.functions.identity import identity
from reconciler.language.functions.signature import ArgumentError, CallError, Family, Sees, too_many
from reconciler.language.scope import MAXIMUM_ELEMENTS
from reconciler.language.types import ANY, Type, list_of, set_of, tuple_of
from reconciler.language.unification import unify
from reconciler.language.value import (
    List,
    Set,
    Unknown,
    Value,
    named,
    type_of,
)

FAMILY = Family()
function = FAMILY.function


@function("setunion(first_set set(any), other_sets... set(any)) set(any)", unknown=Sees.PARTS)
def _setunion(*sets: Set) -> Value:
    converted, element = _alike(sets)
    return set_from([item for one in converted for item in one], element)


@function("setintersection(first_set set(any), other_sets... set(any)) set(any)")
def _setintersection(*sets: Set) -> Value:
    converted, element = _alike(sets)
    first, *others = converted
    kept = [set(map(identity, one)) for one in others]
    return set_from([item for item in first if all(identity(item) in one for one in kept)], element)


@function("setsubtract(a set(any), b set(any)) set(any)")
def _setsubtract(first: Set, second: Set) -> Value:
    (kept, taken), element = _alike((first, second))
    removed = set(map(identity, taken))
    return set_from([item for item in kept if identity(item) not in removed], element)


def _later_product(*sets: Value) -> Unknown:
    types = [type_of(items) for items in sets]
    if any(of.kind not in ("list", "set") for of in types):
        return Unknown()
    row = tuple_of([of.element for of in types])
    return Unknown(set_of(row) if any(of.kind == "set" for of in types) else list_of(row))


@function("setproduct(sets... any) any", unknown=Sees.PARTS, marks=True, later=_later_product)
def _setproduct(*sets: Value) -> Value:
    if len(sets) < 2:
        raise CallError("`setproduct` takes at least two collections.")
    lists = [_elements(at, items) for at, items in enumerate(sets)]
    row = tuple_of([element for _, element in lists])
    if prod(len(items) for items, _ in lists) * len(lists) > MAXIMUM_ELEMENTS:
        raise too_many()
    rows = [tuple(items) for items in product(*(items for items, _ in lists))]
    if not any(isinstance(items, Set) for items in sets):
        return List(rows, row)
    return set_from(rows, row)


def _alike(sets: tuple[Set, ...]) -> tuple[list[Set], Type]:
    """The sets with elements of one type."""
    types = [one.element for one in sets if one or one.element != ANY]
    element = unify(types)
    if element is None or (element == ANY and len(set(types)) > 1):
        raise CallError("The sets must have elements of one type, and these have several.")
    converted = [one if one.element == element else convert(one, set_of(element)) for one in sets]
    return [one for one in converted if isinstance(one, Set)], element


def _elements(at: int, value: Value) -> tuple[list[Value], Type]:
    if not isinstance(value, tuple):
        raise ArgumentError(at, f"`setproduct` joins lists, sets and tuples, and this is {named(value)}.")
    element = value.element if isinstance(value, (List, Set)) else unify([type_of(item) for item in value])
    if element is None:
        raise ArgumentError(at, "All elements of a collection must be of one type, and these are of several.")
    return [convert(item, element) for item in value], element
