"""Functions that make one truth of many values, or compare."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.language.equality import compared
from reconciler.language.functions.signature import CallError, Family, Sees
from reconciler.language.number import counted
from reconciler.language.types import BOOL, NUMBER
from reconciler.language.value import Unknown, Value, is_known, is_null, named

FAMILY = Family()
function = FAMILY.function


@function("alltrue(list list(bool)) bool", unknown=Sees.PARTS)
def _alltrue(items: tuple[Value, ...]) -> Value:
    return _found(items, stop=False)


@function("anytrue(list list(bool)) bool", unknown=Sees.PARTS)
def _anytrue(items: tuple[Value, ...]) -> Value:
    return _found(items, stop=True)


@function("contains(list any, value any) any", unknown=Sees.ALL)
def _contains(items: Value, value: Value) -> Value:
    if not is_known(items):
        return Unknown(BOOL)
    if not isinstance(items, tuple):
        raise CallError(f"`contains` looks into lists, sets and tuples, and this is {named(items)}.")
    unsure = False
    for item in items:
        same = None if not is_known(item) else False if is_null(item) else compared(item, value)
        if same:
            return True
        unsure = unsure or same is None
    return Unknown(BOOL) if unsure else False


@function("index(list any, value any) any", unknown=Sees.ALL)
def _index(items: Value, value: Value) -> Value:
    if isinstance(items, Unknown) and items.type.kind in ("any", "list", "tuple"):
        return Unknown(NUMBER)
    if not isinstance(items, tuple) or type(items).__name__ == "Set":
        raise CallError(f"`index` looks into lists and tuples, and this is {named(items)}.")
    if not items:
        raise CallError("An empty list has no element to find.")
    for number, item in enumerate(items):
        same = compared(item, value)
        if same is None:
            return Unknown(NUMBER)
        if same:
            return counted(number)
    raise CallError("The list does not have this value.", "`contains` tells whether it is there")


def _found(items: Iterable[Value], *, stop: bool) -> Value:
    """Whether one of them is `stop`: null never is true."""
    unsure = False
    for item in items:
        if not is_known(item):
            unsure = True
        elif (item is True) == stop:
            return stop
    return Unknown(BOOL) if unsure else not stop
