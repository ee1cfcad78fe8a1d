"""Functions that convert to a type, or change what is secret."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.language.conversion import UnsuitableError, convert
from reconciler.language.functions.signature import ArgumentError, Family
from reconciler.language.types import ANY, BOOL, NUMBER, STRING, Type, list_of, map_of, set_of
from reconciler.language.value import Unknown, Value, is_known, is_sensitive, mark, unmark

FAMILY = Family()
function = FAMILY.function

_TYPES: Mapping[str, Type] = {
    "tostring(v any?) string?": STRING,
    "tonumber(v any?) number?": NUMBER,
    "tobool(v any?) bool?": BOOL,
    "tolist(v any?) list(any)?": list_of(ANY),
    "toset(v any?) set(any)?": set_of(ANY),
    "tomap(v any?) map(any)?": map_of(ANY),
}


def _add(signature: str, to: Type) -> None:
    @function(signature, raw=True)
    def run(value: Value) -> Value:
        try:
            return convert(value, to)
        except UnsuitableError as unsuitable:
            raise ArgumentError(0, unsuitable.detail, unsuitable.hint) from None


for _signature, _to in _TYPES.items():
    _add(_signature, _to)


@function("sensitive(value any?) any?", raw=True)
def _sensitive(value: Value) -> Value:
    return mark(value)


@function("nonsensitive(value any?) any?", raw=True)
def _nonsensitive(value: Value) -> Value:
    return unmark(value)[0]


@function("issensitive(value any?) bool?", raw=True)
def _issensitive(value: Value) -> Value:
    return is_sensitive(value) or (False if is_known(value) else Unknown(BOOL))


@function("ephemeralasnull(value any?) any?", raw=True)
def _ephemeralasnull(value: Value) -> Value:
    return value
