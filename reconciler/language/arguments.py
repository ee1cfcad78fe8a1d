"""Turns a block's arguments into the values that its rule wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reconciler.language import nodes
from reconciler.language.declaration import Declaration
from reconciler.language.expression import evaluate
from reconciler.language.involved import involved
from reconciler.language.rules import Check
from reconciler.language.schema import ArgumentRule, Wanted
from reconciler.language.scope import Scope
from reconciler.language.span import SpanError
from reconciler.language.value import Value, is_number, named, to_bool, to_number, to_text
from reconciler.model.diagnostic import Diagnostics


def read_arguments(declaration: Declaration, scope: Scope, problems: Diagnostics) -> dict[str, Value]:
    """The values of all arguments that are right; null is the same as leaving an argument out."""
    given: dict[str, Value] = {}
    for name, argument in declaration.arguments.items():
        rule = declaration.rule.argument(name)
        if rule is None or rule.wanted is Wanted.EXPRESSION:
            continue
        try:
            given[name] = _read(argument, rule, scope)
        except SpanError as error:
            declaration.report(error, problems)
    return given


def _read(argument: nodes.Argument, rule: ArgumentRule, scope: Scope) -> Value:
    node = argument.value
    value = evaluate(node, scope)
    if value is None:
        if rule.required:
            detail = f"`{argument.name}` is required and may not be null."
            raise SpanError("Invalid argument value", detail, node.start, node.end)
        return None
    if rule.wanted is Wanted.STRINGS:
        return _strings(argument, value, scope)
    if rule.wanted is Wanted.LIST:
        return _list(argument, value, scope)
    if rule.wanted is Wanted.QUOTED and is_number(value):
        written = node.text if isinstance(node, nodes.Number) else to_text(value)
        detail = f"`{argument.name}` must be a string, and this is a number: 1.10 and 1.1 would be the same."
        hint = f'write it in quotes: {argument.name} = "{written}"'
        raise SpanError("Invalid argument value", detail, node.start, node.end, hint=hint)
    converted = _CONVERSIONS[rule.wanted](value)
    if converted is None:
        raise _unsuitable(argument.name, node, rule.wanted, value, scope)
    return converted


_CONVERSIONS: dict[Wanted, Callable[[Value], Value]] = {
    Wanted.STRING: to_text,
    Wanted.QUOTED: to_text,
    Wanted.NUMBER: to_number,
    Wanted.BOOL: to_bool,
    Wanted.ANY: lambda value: value,
}


def _strings(argument: nodes.Argument, value: Value, scope: Scope) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise _unsuitable(argument.name, argument.value, Wanted.STRINGS, value, scope)
    return {key: _inner(argument, item, _value_node(argument.value, key), f"`{key}`") for key, item in value.items()}


def _list(argument: nodes.Argument, value: Value, scope: Scope) -> tuple[str, ...]:
    if not isinstance(value, tuple):
        raise _unsuitable(argument.name, argument.value, Wanted.LIST, value, scope)
    written = argument.value.items if isinstance(argument.value, nodes.Tuple) else ()
    places = written if len(written) == len(value) else (argument.value,) * len(value)
    return tuple(
        _inner(argument, item, node, f"number {number}")
        for number, (item, node) in enumerate(zip(value, places, strict=True), 1)
    )


def _inner(argument: nodes.Argument, item: Value, at: nodes.Node, which: str) -> str:
    text = to_text(item)
    if text is None:
        parts = "elements" if which.startswith("number") else "values"
        detail = f"The {parts} of `{argument.name}` must be strings, and that of {which} is {named(item)}."
        if parts == "elements":
            detail = f"The elements of `{argument.name}` must be strings, and {which} is {named(item)}."
        raise SpanError("Invalid argument value", detail, at.start, at.end)
    return text


def _value_node(node: nodes.Expression, key: str) -> nodes.Node:
    """The place of one item's value where an object is written out; else the place of the whole."""
    for key_node, value_node in node.items if isinstance(node, nodes.Object) else ():
        if isinstance(key_node, nodes.Literal) and key_node.value == key:
            return value_node
    return node


def _unsuitable(name: str, node: nodes.Expression, wanted: Wanted, value: Value, scope: Scope) -> SpanError:
    detail = f"`{name}` must be {wanted.value}, and this is {named(value)}."
    values = involved([node], lambda part: evaluate(part, scope))
    return SpanError("Invalid argument value", detail, node.start, node.end, values=values)


def check_arguments(
    declaration: Declaration, given: Mapping[str, Value], checks: Mapping[str, Check], problems: Diagnostics
) -> None:
    """Hold the given values to what their rules allow."""
    for name, check in checks.items():
        value = given.get(name)
        finding = check(value) if isinstance(value, str) else None
        if finding is not None:
            node = declaration.arguments[name].value
            declaration.report(SpanError(*finding, node.start, node.end), problems)
