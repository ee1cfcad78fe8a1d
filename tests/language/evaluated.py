"""Evaluates bare expressions, as an argument's value is evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from reconciler.language import nodes
from reconciler.language.expression import evaluate
from reconciler.language.hcl import parse
from reconciler.language.scope import Scope
from reconciler.language.value import Null, Sensitive, Unknown, Value

Plain = bool | float | str | list["Plain"] | dict[str, "Plain"] | None


def expression(text: str) -> nodes.Expression:
    """The syntax tree of one expression."""
    (argument,) = parse(f"value = {text}\n").items
    assert isinstance(argument, nodes.Argument)
    return argument.value


def value_of(text: str, **names: Value) -> Value:
    """The value of one expression, with names as a loop would bind them."""
    return evaluate(expression(text), Scope(names=names))


def plain(value: Value | float) -> Plain:
    """A value as JSON would hold it, where all numbers are floats."""
    if isinstance(value, (Null, Sensitive)):
        return plain(value.value) if isinstance(value, Sensitive) else None
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float, Fraction)):
        return float(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Unknown):
        raise TypeError("unknown values are no JSON")
    return [plain(item) for item in value]
