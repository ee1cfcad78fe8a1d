"""Turns a block's arguments into the values that its rule wants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field

from reconciler.language import nodes
from reconciler.language.declaration import Declaration
from reconciler.language.expression import evaluate
from reconciler.language.failures import failures
from reconciler.language.involved import involved
from reconciler.language.rules import Check
from reconciler.language.schema import ArgumentRule, Wanted
from reconciler.language.scope import Scope
from reconciler.language.span import SpanError
from reconciler.language.types import PRIMITIVES
from reconciler.language.value import (
    Unknown,
    Value,
    holds_sensitive,
    is_null,
    is_number,
    is_sensitive,
    is_wholly_known,
    named,
    plain,
    to_bool,
    to_number,
    to_text,
    unmark_deep,
)
from reconciler.language.worked import value_of
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Given:
    """The values of those arguments that are right and known; null is the same as leaving an argument out.

    `sensitive` and `unknown` name arguments; of sensitive ones that want an object of strings only some parts may be
    so, as in `tags.owner`.
    """

    values: dict[str, Value] = field(default_factory=dict)
    sensitive: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)


def read_arguments(declaration: Declaration, scope: Scope, problems: Diagnostics) -> Given:
    """What is given for all arguments that can be evaluated here; all that is wrong is added to the problems."""
    given = Given()
    for name, argument in declaration.arguments.items():
        rule = declaration.rule.argument(name)
        if rule is None or rule.wanted is Wanted.EXPRESSION:
            continue
        try:
            _read(declaration, argument, rule, scope, given)
        except SpanError as error:
            declaration.report_all(failures(argument.value, scope, error), problems)
    return given


def _read(declaration: Declaration, argument: nodes.Argument, rule: ArgumentRule, scope: Scope, given: Given) -> None:
    value = value_of(declaration, argument, scope)
    if holds_sensitive(value):
        given.sensitive.update(_sensitive(argument.name, rule.wanted, value))
        value, _ = unmark_deep(value)
    if is_wholly_known(value):
        given.values[argument.name] = _suitable(argument, rule, value, scope)
    else:
        given.unknown.add(argument.name)
        _suitable(argument, rule, _supposed(value, rule.wanted), scope)


def _supposed(value: Value, wanted: Wanted) -> Value:
    """A value that would suit, as far as it is known; so that what is known and does not suit is told."""
    if isinstance(value, Unknown):
        kind = value.type.kind
        if kind in _STRUCTURES.get(wanted, ()) or kind == "any" or (kind in PRIMITIVES and wanted not in _STRUCTURES):
            return _SUITABLE.get(wanted, "")
        return {"map": {}, "object": {}}.get(kind, ()) if kind not in PRIMITIVES else ""
    if isinstance(value, tuple):
        return tuple(_supposed(item, Wanted.STRING) for item in value)
    if isinstance(value, Mapping):
        return {key: _supposed(item, Wanted.STRING) for key, item in value.items()}
    return value


def _sensitive(name: str, wanted: Wanted, value: Value) -> Iterable[str]:
    if wanted is Wanted.STRINGS and isinstance(value, Mapping):
        return [f"{name}.{key}" for key, item in value.items() if is_sensitive(item)]
    return [name]


def _suitable(argument: nodes.Argument, rule: ArgumentRule, value: Value, scope: Scope) -> Value:
    node = argument.value
    if is_null(value):
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
    if rule.wanted is Wanted.QUOTED and isinstance(value, bool):
        written = to_text(value)
        detail = f"`{argument.name}` must be a string, and this is a bool, which other tools spell otherwise."
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
    Wanted.ANY: plain,
}


_STRUCTURES = {Wanted.STRINGS: ("map", "object"), Wanted.LIST: ("list", "set", "tuple")}
_SUITABLE: dict[Wanted, Value] = {Wanted.STRINGS: {}, Wanted.LIST: (), Wanted.NUMBER: 0, Wanted.BOOL: True}


def _strings(argument: nodes.Argument, value: Value, scope: Scope) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise _unsuitable(argument.name, argument.value, Wanted.STRINGS, value, scope)
    texts = {}
    for key, item in value.items():
        text = to_text(item)
        if text is None:
            detail = f"The values of `{argument.name}` must be strings, and that of `{key}` is {named(item)}."
            at = _value_node(argument.value, key)
            raise SpanError("Invalid argument value", detail, at.start, at.end)
        texts[key] = text
    return texts


def _list(argument: nodes.Argument, value: Value, scope: Scope) -> tuple[str, ...]:
    if not isinstance(value, tuple):
        raise _unsuitable(argument.name, argument.value, Wanted.LIST, value, scope)
    if all(type(item) is str for item in value):
        return tuple(map(str, value))
    texts = []
    for number, item in enumerate(value):
        text = to_text(item)
        if text is None:
            detail = f"The elements of `{argument.name}` must be strings, and number {number + 1} is {named(item)}."
            at = _element_node(argument.value, number)
            raise SpanError("Invalid argument value", detail, at.start, at.end)
        texts.append(text)
    return tuple(texts)


def _value_node(node: nodes.Expression, key: str) -> nodes.Node:
    """The place of one item's value where an object is written out; else the place of the whole."""
    for key_node, value_node in node.items if isinstance(node, nodes.Object) else ():
        if isinstance(key_node, nodes.Literal) and key_node.value == key:
            return value_node
    return node


def _element_node(node: nodes.Expression, number: int) -> nodes.Node:
    """The same for an element of a tuple."""
    return node.items[number] if isinstance(node, nodes.Tuple) and number < len(node.items) else node


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
        finding = check(value) if isinstance(value, str) and name in declaration.arguments else None
        if finding is not None:
            node = declaration.arguments[name].value
            declaration.report(SpanError(*finding, node.start, node.end), problems)
