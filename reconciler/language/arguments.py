"""Turns a block's arguments into the values that its rule wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.language import nodes
from reconciler.language.expression import evaluate
from reconciler.language.involved import involved
from reconciler.language.passage import Passage
from reconciler.language.rules import Check
from reconciler.language.schema import ArgumentRule, BlockRule, Wanted
from reconciler.language.scope import Scope
from reconciler.language.span import SpanError
from reconciler.language.value import Value, is_number, named, to_text
from reconciler.model.diagnostic import Diagnostics

Given = str | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Declaration:
    """One block of a known kind, with those of its arguments that its rule knows."""

    rule: BlockRule
    passage: Passage
    block: nodes.Block
    arguments: Mapping[str, nodes.Argument]
    address: str = ""

    @property
    def context(self) -> str:
        """The header, as diagnostics show it."""
        return header(self.block)

    def report(self, error: SpanError, problems: Diagnostics) -> None:
        """Tell a mistake as one of this block."""
        problems.add(self.passage.diagnostic(error, self.context, self.address))


def header(block: nodes.Block) -> str:
    """A block's type and labels on one line."""
    return " ".join([block.type, *(f'"{label_text(label)}"' for label in block.labels)])


def label_text(label: nodes.Literal | nodes.Name) -> str:
    """A label, with or without quotes."""
    return label.name if isinstance(label, nodes.Name) else str(label.value)


def read_arguments(declaration: Declaration, scope: Scope, problems: Diagnostics) -> dict[str, Given | None]:
    """The values of all arguments that are right; null is the same as leaving an argument out."""
    given: dict[str, Given | None] = {}
    for name, argument in declaration.arguments.items():
        try:
            given[name] = _read(argument, declaration.rule.arguments[name], scope)
        except SpanError as error:
            declaration.report(error, problems)
    return given


def _read(argument: nodes.Argument, rule: ArgumentRule, scope: Scope) -> Given | None:
    node = argument.value
    value = evaluate(node, scope)
    if value is None:
        if rule.required:
            detail = f"`{argument.name}` is required and may not be null."
            raise SpanError("Invalid argument value", detail, node.start, node.end)
        return None
    if rule.wanted is Wanted.STRINGS:
        return _strings(argument, value, scope)
    if rule.wanted is Wanted.QUOTED and is_number(value):
        written = node.text if isinstance(node, nodes.Number) else to_text(value)
        detail = f"`{argument.name}` must be a string, and this is a number: 1.10 and 1.1 would be the same."
        hint = f'write it in quotes: {argument.name} = "{written}"'
        raise SpanError("Invalid argument value", detail, node.start, node.end, hint=hint)
    text = to_text(value)
    if text is None:
        raise _unsuitable(argument.name, node, rule.wanted, value, scope)
    return text


def _strings(argument: nodes.Argument, value: Value, scope: Scope) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise _unsuitable(argument.name, argument.value, Wanted.STRINGS, value, scope)
    texts = {}
    for key, item in value.items():
        text = to_text(item)
        if text is None:
            at = _value_node(argument.value, key)
            given = named(item)
            detail = f"The values of `{argument.name}` must be strings, and that of `{key}` is {given}."
            raise SpanError("Invalid argument value", detail, at.start, at.end)
        texts[key] = text
    return texts


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
    declaration: Declaration, given: Mapping[str, Given | None], checks: Mapping[str, Check], problems: Diagnostics
) -> None:
    """Hold the given values to what their rules allow."""
    for name, check in checks.items():
        value = given.get(name)
        finding = check(value) if isinstance(value, str) else None
        if finding is not None:
            node = declaration.arguments[name].value
            declaration.report(SpanError(*finding, node.start, node.end), problems)
