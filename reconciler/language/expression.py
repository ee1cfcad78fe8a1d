"""Evaluates expressions. The scanner's depth limit bounds the recursion; chains of operators and steps are loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reconciler.language import nodes
from reconciler.language.access import attribute_of, element_of
from reconciler.language.calls import call
from reconciler.language.choice import conditional
from reconciler.language.interpolation import template, template_for, template_if
from reconciler.language.involved import ToldAt, told
from reconciler.language.loops import for_expression, splat
from reconciler.language.nodes import Expression
from reconciler.language.number import parse_number
from reconciler.language.operators import binary, unary
from reconciler.language.scope import Evaluate, Scope
from reconciler.language.span import FollowingError, RefusedError
from reconciler.language.structures import object_value, tuple_value
from reconciler.language.value import Value


def evaluate(node: Expression, scope: Scope) -> Value:
    """The value of an expression; SpanError where it has none."""
    return _RULES[type(node)](node, scope, evaluate)


def _number(node: nodes.Number, scope: Scope, evaluate: Evaluate) -> Value:
    # Not `ToldAt`: numbers are too many for a context manager each.
    try:
        return parse_number(node.text)
    except RefusedError as refused:
        raise told(refused, node, [node], scope, evaluate) from None


def _traversal(node: nodes.Name | nodes.Attribute | nodes.Index, scope: Scope, evaluate: Evaluate) -> Value:
    steps: list[nodes.Attribute | nodes.Index] = []
    base: Expression = node
    while isinstance(base, (nodes.Attribute, nodes.Index)):
        steps.append(base)
        base = base.of
    steps.reverse()
    value, taken = scope.resolve(base, steps) if isinstance(base, nodes.Name) else (evaluate(base, scope), 0)
    for step in steps[taken:]:
        if type(value) is dict and isinstance(step, nodes.Attribute) and (found := value.get(step.name)) is not None:
            value = found
            continue
        key = None if isinstance(step, nodes.Attribute) else evaluate(step.key, scope)
        try:
            value = attribute_of(value, step.name) if isinstance(step, nodes.Attribute) else element_of(value, key)
        except RefusedError as refused:
            raise told(refused, step, nodes.children(step), scope, evaluate) from None
    return value


def _unary(node: nodes.Unary, scope: Scope, evaluate: Evaluate) -> Value:
    operand = evaluate(node.operand, scope)
    with ToldAt(node, scope, evaluate):
        return unary(node.operator, operand)


def _binary(node: nodes.Binary, scope: Scope, evaluate: Evaluate) -> Value:
    todo: list[tuple[Expression, bool]] = [(node, False)]
    values: list[Value] = []
    while todo:
        current, operands_done = todo.pop()
        if not isinstance(current, nodes.Binary):
            values.append(evaluate(current, scope))
        elif operands_done:
            right, left = values.pop(), values.pop()
            with ToldAt(current, scope, evaluate):
                values.append(binary(current.operator, left, right))
        else:
            todo.extend([(current, True), (current.right, False), (current.left, False)])
    return values.pop()


def _unread(node: nodes.Unread, _: Scope, __: Evaluate) -> Value:
    raise FollowingError(node)


_RULES: dict[type[nodes.Node], Callable[[Any, Scope, Evaluate], Value]] = {
    nodes.Literal: lambda node, _, __: node.value,
    nodes.Number: _number,
    nodes.Name: _traversal,
    nodes.Item: lambda _, scope, __: scope.item,
    nodes.Attribute: _traversal,
    nodes.Index: _traversal,
    nodes.Splat: splat,
    nodes.Parentheses: lambda node, scope, evaluate: evaluate(node.inner, scope),
    nodes.Unary: _unary,
    nodes.Binary: _binary,
    nodes.Conditional: conditional,
    nodes.Call: call,
    nodes.Tuple: tuple_value,
    nodes.Object: object_value,
    nodes.For: for_expression,
    nodes.Template: template,
    nodes.TemplateIf: template_if,
    nodes.TemplateFor: template_for,
    nodes.Worked: lambda node, scope, _: scope.budget.take(node),
    nodes.Unread: _unread,
}
