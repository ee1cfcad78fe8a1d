"""What a value's attributes and elements are."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.language.number import Number, number_text
from reconciler.language.span import RefusedError
from reconciler.language.types import ANY, Type
from reconciler.language.value import (
    Map,
    Set,
    Unknown,
    Value,
    is_known,
    is_null,
    kind,
    mark,
    named,
    null_of,
    shown,
    to_number,
    to_text,
    unmark,
)
from reconciler.model.suggestion import did_you_mean


def attribute_of(of: Value, name: str) -> Value:
    """`of.name`."""
    bare, marked = unmark(of)
    return mark(_attribute(bare, name), marked)


def element_of(of: Value, key: Value) -> Value:
    """`of[key]`."""
    (bare, marked), (key, key_marked) = unmark(of), unmark(key)
    if is_null(bare) or is_null(key):
        what = "This value" if is_null(bare) else "The index"
        raise RefusedError("Invalid index", f"{what} is null, so there is no element to take.")
    try:
        return mark(_element(bare, key), marked or key_marked)
    except RefusedError:
        if not key_marked:
            raise
        # What it says may hold the key.
        detail = f"The key is sensitive, so it is not shown; {named(bare)} has no element under it."
        raise RefusedError("Invalid index", detail) from None


def _attribute(of: Value, name: str) -> Value:
    if is_null(of):
        raise RefusedError("Attempt to get attribute from null value", "This value is null, so it has no attributes.")
    if isinstance(of, Unknown):
        return Unknown(_attribute_type(of.type, name))
    if not isinstance(of, Mapping):
        raise _no_attributes(named(of), name, sequence=isinstance(of, tuple))
    if name in of:
        return typed_element(of, of[name])
    detail = f"{_this(of)} has no {'element with the key' if isinstance(of, Map) else 'attribute named'} `{name}`."
    raise RefusedError("Unsupported attribute", detail, did_you_mean(name, of))


def _attribute_type(of: Type, name: str) -> Type:
    if of == ANY:
        return ANY
    if of.kind == "map":
        return of.element
    if of.kind != "object":
        raise _no_attributes(f"a {of.kind}", name, sequence=of.kind in ("list", "set", "tuple"))
    if name not in of.keys:
        detail = f"This object has no attribute named `{name}`."
        raise RefusedError("Unsupported attribute", detail, did_you_mean(name, of.keys))
    return of.attributes[name]


def _no_attributes(given: str, name: str, *, sequence: bool) -> RefusedError:
    hint = f"to take `{name}` of every element, write `[*].{name}`" if sequence else ""
    detail = f"This value is {given}, and only objects and maps have attributes."
    return RefusedError("Unsupported attribute", detail, hint)


def _element(of: Value, key: Value) -> Value:
    if isinstance(of, Unknown):
        return Unknown(_element_type(of.type, key))
    if isinstance(of, Set):
        detail = "A set's elements are in no order and have no keys, so there is no way to take one."
        raise RefusedError("Invalid index", detail, "to go over all elements, use a `for` expression")
    if isinstance(of, Mapping):
        return _by_key(of, key)
    if isinstance(of, tuple):
        return _by_number(of, key)
    raise RefusedError("Invalid index", f"Only collections have elements, and this is {named(of)}.")


def _element_type(of: Type, key: Value) -> Type:
    if of.kind == "list" and is_known(key) and to_number(key) is None:
        raise RefusedError("Invalid index", f"The index of a list is a whole number, and this is {named(key)}.")
    if of.kind in ("list", "map"):
        return of.element
    if of.kind == "object" and isinstance(key, str):
        return _attribute_type(of, key)
    number = to_number(key)
    if of.kind == "tuple" and number is not None:
        return of.parts[_position(number, len(of.parts), "tuple")]
    if of.kind in ("any", "object", "tuple"):
        return ANY
    raise RefusedError("Invalid index", f"Only collections have elements, and this is a {of.kind}.")


def _by_key(of: Mapping[str, Value], key: Value) -> Value:
    if not is_known(key):
        return Unknown(of.element if isinstance(of, Map) else ANY)
    name = to_text(key)
    if name is None:
        raise RefusedError("Invalid index", f"The key of {named(of)} is a string, and this is {named(key)}.")
    if name in of:
        return typed_element(of, of[name])
    detail = f"{_this(of)} has no element with the key {shown(name)}."
    raise RefusedError("Invalid index", detail, did_you_mean(name, of))


def _by_number(of: tuple[Value, ...], key: Value) -> Value:
    element = getattr(of, "element", ANY)
    if not is_known(key):
        return Unknown(element)
    number = to_number(key)
    if number is None or number.denominator != 1:
        given = f"{named(key)}" if number is None else shown(key)
        raise RefusedError("Invalid index", f"The index of {named(of)} is a whole number, and this is {given}.")
    return typed_element(of, of[_position(number, len(of), kind(of))])


def _position(number: Number, length: int, what: str) -> int:
    if number.denominator != 1 or not 0 <= number < length:
        counted = f"{length} element{'' if length == 1 else 's'}, counted from 0"
        raise RefusedError("Invalid index", f"There is no element {number_text(number)}: this {what} has {counted}.")
    return int(number)


def typed_element(of: Value, value: Value) -> Value:
    """An element of a collection; where it is null, it keeps the type that the collection gives it."""
    return null_of(getattr(of, "element", ANY)) if value is None else value


def _this(of: Value) -> str:
    return f"This {kind(of)}"
