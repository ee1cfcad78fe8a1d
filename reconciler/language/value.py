"""The values of expressions, what messages call them, and how one kind becomes another."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import TypeAlias, TypeGuard

from reconciler.language.number import Number, number_text, parse_number
from reconciler.language.span import RefusedError

Value: TypeAlias = "bool | str | int | Fraction | tuple[Value, ...] | Mapping[str, Value] | None"

_TRUTHS = {"true": True, "1": True, "false": False, "0": False}
_LONGEST_SHOWN = 60


def is_number(value: Value) -> TypeGuard[Number]:
    """Whether this is a number; Python counts booleans as such, HCL does not."""
    return isinstance(value, (int, Fraction)) and not isinstance(value, bool)


def kind(value: Value) -> str:
    """The word of the language for this kind of value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if is_number(value):
        return "number"
    return "tuple" if isinstance(value, tuple) else "object"


def named(value: Value) -> str:
    """The kind of a value with its article."""
    word = kind(value)
    return word if value is None else f"{'an' if word == 'object' else 'a'} {word}"


def shown(value: Value) -> str:
    """A value in a message, cut where it is long."""
    if isinstance(value, tuple):
        return f"a tuple with {len(value)} {'element' if len(value) == 1 else 'elements'}"
    if isinstance(value, Mapping):
        return f"an object with {len(value)} {'attribute' if len(value) == 1 else 'attributes'}"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else to_text(value) or "null"
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def to_text(value: Value) -> str | None:
    """The string that a primitive value becomes where a string is wanted; None for all others."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) if is_number(value) else None


def to_number(value: Value) -> Number | None:
    """The number that a number or a string spells; None for all others."""
    if isinstance(value, str):
        return parse_number(value)
    return value if is_number(value) else None


def to_bool(value: Value) -> bool | None:
    """The truth value that a boolean or a string spells; None for all others."""
    if isinstance(value, str):
        return _TRUTHS.get(value)
    return value if isinstance(value, bool) else None


def equal(left: Value, right: Value) -> bool:
    """Whether two values are the same; values of different kinds never are."""
    if kind(left) != kind(right):
        return False
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    return left == right


def attribute_of(of: Value, name: str) -> Value:
    """`of.name`."""
    from reconciler.model.suggestion import did_you_mean

    if of is None:
        raise RefusedError("Attempt to get attribute from null value", "This value is null, so it has no attributes.")
    if not isinstance(of, Mapping):
        detail = f"This value is {named(of)}, and only objects have attributes."
        hint = f"to take `{name}` of every element, write `[*].{name}`" if isinstance(of, tuple) else ""
        raise RefusedError("Unsupported attribute", detail, hint)
    if name not in of:
        detail = f"This object has no attribute named `{name}`."
        raise RefusedError("Unsupported attribute", detail, did_you_mean(name, of))
    return of[name]


def element_of(of: Value, key: Value) -> Value:
    """`of[key]`."""
    if of is None or key is None:
        what = "This value" if of is None else "The index"
        raise RefusedError("Invalid index", f"{what} is null, so there is no element to take.")
    if isinstance(of, Mapping):
        name = to_text(key)
        if name is None:
            raise RefusedError("Invalid index", f"An object's key is a string, and this is {named(key)}.")
        if name not in of:
            return _missing(name, of)
        return of[name]
    if not isinstance(of, tuple):
        raise RefusedError("Invalid index", f"Only tuples and objects have elements, and this is {named(of)}.")
    number = to_number(key)
    if number is None or number.denominator != 1:
        given = f"{named(key)}" if number is None else shown(key)
        raise RefusedError("Invalid index", f"A tuple's index is a whole number, and this is {given}.")
    if not 0 <= number < len(of):
        counted = f"{len(of)} {'element' if len(of) == 1 else 'elements'}, counted from 0"
        raise RefusedError("Invalid index", f"There is no element {number_text(number)}: this tuple has {counted}.")
    return of[int(number)]


def _missing(name: str, of: Mapping[str, Value]) -> Value:
    from reconciler.model.suggestion import did_you_mean

    detail = f"This object has no element with the key {shown(name)}."
    raise RefusedError("Invalid index", detail, did_you_mean(name, of))
