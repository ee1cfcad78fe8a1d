"""Evaluates single expressions for tests, and says what they are worth in the words of tests/language/terraform.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from reconciler.language import nodes
from reconciler.language.conversion import convert
from reconciler.language.declared_types import declared_type
from reconciler.language.expression import evaluate
from reconciler.language.hcl import parse
from reconciler.language.number import number_text
from reconciler.language.scope import Scope
from reconciler.language.types import BOOL, NUMBER, STRING, Type, list_of, map_of, object_of, set_of, tuple_of
from reconciler.language.value import (
    UNKNOWN,
    Null,
    Sensitive,
    Unknown,
    Value,
    is_wholly_known,
    type_of,
    unmark,
)

Plain = bool | float | str | list["Plain"] | dict[str, "Plain"] | None

# The values that terraform.SURROUNDINGS declares.
LOCALS: Mapping[str, Value] = {
    "secret": Sensitive("x"),
    "secrets": Sensitive(("x", "y")),
    "hidden": {"key": Sensitive("x"), "open": 1},
    "number": Sensitive(3),
    "truth": Sensitive(True),
    "later": UNKNOWN,
    "later_secret": Sensitive(Unknown(STRING)),
    "later_text": Unknown(STRING),
    "later_number": Unknown(NUMBER),
    "later_bool": Unknown(BOOL),
    "later_list": Unknown(list_of(STRING)),
    "later_numbers": Unknown(list_of(NUMBER)),
    "later_set": Unknown(set_of(STRING)),
    "later_map": Unknown(map_of(STRING)),
    "later_tuple": Unknown(tuple_of([STRING, NUMBER])),
    "later_object": Unknown(object_of({"a": STRING, "b": NUMBER})),
}


def expression(text: str) -> nodes.Expression:
    """The syntax tree of one expression."""
    (argument,) = parse(f"value = {text}\n").items
    assert isinstance(argument, nodes.Argument)
    return argument.value


def value_of(text: str, **names: Value) -> Value:
    """The value of one expression, with names as a loop would bind them."""
    return evaluate(expression(text), Scope(names={"local": LOCALS, **names}))


def converted(text: str, as_type: str) -> Value:
    """The value of an expression as a variable of that type holds it."""
    return convert(value_of(text), declared_type(expression(as_type)))


def answer(value: Value) -> dict[str, Any]:
    """A value as terraform.ask tells it."""
    found = {"value": plain(value)}
    if is_wholly_known(value):
        found["type"] = type_name(Type("any") if isinstance(value, Null) else type_of(value))
    marks = {"unknown": list(_places(value, Unknown)), "sensitive": list(_places(value, Sensitive))}
    return {**found, **{name: places for name, places in marks.items() if places}}


def comparable(told: Mapping[str, Any]) -> dict[str, Any]:
    """What two answers must agree in."""
    names = ("value", "type", "unknown", "sensitive")
    return {name: plain(told[name]) if name == "value" else told[name] for name in names if name in told}


def plain(value: Value | float) -> Plain:
    """A value as JSON would hold it, where all numbers are floats; unknown parts are null."""
    if isinstance(value, Sensitive):
        return plain(value.value)
    if isinstance(value, (Null, Unknown)) or value is None:
        return None
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, float, Fraction)):
        text = number_text(Fraction(value) if isinstance(value, float) else value)
        return float(text) if len(text) < 300 else text
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items() if not isinstance(unmark(item)[0], Unknown)}
    return [plain(item) for item in value]


def type_name(of: Type) -> Any:
    """A type as Terraform writes it in JSON."""
    if of.kind in ("list", "set", "map"):
        return [of.kind, type_name(of.element)]
    if of.kind == "tuple":
        return ["tuple", [type_name(part) for part in of.parts]]
    if of.kind == "object":
        return ["object", {key: type_name(part) for key, part in of.attributes.items()}]
    return "dynamic" if of.kind == "any" else of.kind


def _places(value: Value, wanted: type[Unknown | Sensitive], path: str = "") -> Iterator[str]:
    bare, _ = unmark(value)
    if isinstance(value, wanted) or isinstance(bare, wanted):
        yield path
        return
    if isinstance(bare, tuple):
        for number, part in enumerate(bare):
            yield from _places(part, wanted, f"{path}/{number}")
    elif isinstance(bare, Mapping):
        for key in sorted(bare):
            yield from _places(bare[key], wanted, f"{path}/{key}")
