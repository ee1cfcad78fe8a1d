"""Which values are the same, and in which order a set holds its elements."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from typing import Any

from reconciler.language.number import Number, number_text, usual
from reconciler.language.types import ANY, COLLECTIONS, Type
from reconciler.language.value import (
    UNKNOWN,
    Set,
    Unknown,
    Value,
    is_known,
    is_null,
    is_number,
    mark,
    type_of,
    unmark_deep,
)


def equal(left: Value, right: Value) -> bool:
    """Whether two values are known to be the same; values of different types never are."""
    return compared(left, right) is True


def compared(left: Value, right: Value) -> bool | None:
    """Whether two values are the same; None where only unknown values could tell. Marks do not matter."""
    left, right = unmark_deep(left)[0], unmark_deep(right)[0]
    if is_null(left) or is_null(right):
        if not (is_known(left) and is_known(right)):
            return False if _is_certain(left) or _is_certain(right) else None
        return is_null(left) and is_null(right)
    return _same(left, right) if _alike(left, right) else False


def set_from(values: Iterable[Value], element: Type) -> Value:
    """The set of these values, which are of the type already. A set knows no sensitive parts: it is so as a whole."""
    bare = [unmark_deep(value) for value in values]
    distinct: dict[str, Value] = {}
    for number, (value, _) in enumerate(bare):
        # Two unknown values may turn out to be different ones.
        distinct.setdefault(f"?{number}" if not is_known(value) else _spelled(value, exact=True), value)
    ordered = sorted(distinct.values(), key=_order)
    return mark(Set(ordered, element), any(marked for _, marked in bare))


def _same(left: Value, right: Value) -> bool | None:
    """Whether two values without marks are the same, whose types are known to fit."""
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return None if _may_be(left, right) and _may_be(right, left) else False
    if is_null(left) or is_null(right):
        return is_null(left) and is_null(right)
    if isinstance(left, tuple) and isinstance(right, tuple):
        if isinstance(left, Set) and not all(map(is_known, (*left, *right))):
            return None
        return len(left) == len(right) and _all(map(_same, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and _any_order([_same(left[key], right[key]) for key in left])
    return usual(left) == usual(right) if is_number(left) and is_number(right) else left == right


def _may_be(unknown: Value, value: Value) -> bool:
    """Whether a value may turn out to be another one."""
    if not isinstance(unknown, Unknown) or isinstance(value, Unknown):
        return True
    if is_null(value):
        return not unknown.certain
    return not isinstance(value, str) or value.startswith(unknown.begins)


def _is_certain(value: Value) -> bool:
    return isinstance(value, Unknown) and value.certain


def _all(parts: Iterable[bool | None]) -> bool | None:
    """What the first part that is not the same says, as Terraform has it: parts after an unknown one do not matter."""
    return next((part for part in parts if not part), True)


def _any_order(parts: Collection[bool | None]) -> bool | None:
    return False if False in parts else _all(parts)


def _alike(left: Value, right: Value) -> bool:
    """Whether the types are one, or could be once it is known what is of any type yet."""
    if UNKNOWN in (left, right):
        return True
    first, second = type_of(left), type_of(right)
    if first == second or first.kind != second.kind:
        return first == second
    if isinstance(left, tuple) and isinstance(right, tuple) and first.kind == "tuple":
        return len(left) == len(right) and all(map(_alike, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping) and first.kind == "object":
        return left.keys() == right.keys() and all(_alike(left[key], right[key]) for key in left)
    return first.kind in COLLECTIONS and ANY in (first.element, second.element)


def _order(value: Value) -> tuple[int, int, Any]:
    """What a set's elements are sorted by: unknown ones last, null before them."""
    if not is_known(value) or is_null(value):
        return 1 + (not is_known(value)), 0, 0
    if isinstance(value, str):
        return 0, 0, value
    if isinstance(value, (bool, int, Fraction)):
        return 0, 1, value
    return 0, 2, _spelled(value, exact=False).encode()


def _spelled(value: Value, *, exact: bool) -> str:
    """What structures are ordered by, byte for byte."""
    if isinstance(value, Unknown):
        return "?"
    if is_null(value):
        return "~"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return "T" if value else "F"
    if is_number(value):
        return number_text(usual(value)) if exact else _rough(value)
    if isinstance(value, Mapping):
        keyed = type(value) is not dict
        parts = [
            (f"{_spelled(key, exact=exact)}:" if keyed else "") + _spelled(value[key], exact=exact)
            for key in sorted(value)
        ]
        return ("{" if keyed else "<") + "".join(f"{part};" for part in parts) + ("}" if keyed else ">")
    if isinstance(value, tuple):
        opener, closer = "<>" if type(value) is tuple else "[]"
        return opener + "".join(f"{_spelled(item, exact=exact)};" for item in value) + closer
    raise AssertionError("marks were taken off")


def _rough(value: Number) -> str:
    """A number to ten digits; all of them where it is too large for a double."""
    try:
        return f"{float(value):.10g}"
    except OverflowError:
        return number_text(value)
