"""Evaluates `condition ? then : otherwise`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from reconciler.language import nodes
from reconciler.language.conversion import convert
from reconciler.language.equality import equal
from reconciler.language.involved import ToldAt
from reconciler.language.nodes import Expression
from reconciler.language.operators import truth
from reconciler.language.scope import Evaluate, Scope, UndeclaredError
from reconciler.language.span import RefusedError, SpanError
from reconciler.language.types import ANY, BOOL, NUMBER, STRING, Type
from reconciler.language.unification import unify
from reconciler.language.value import (
    UNKNOWN,
    Unknown,
    Value,
    is_null,
    is_number,
    is_sensitive,
    kind,
    mark,
    named,
    to_text,
    type_of,
    unmark,
)

_NUMERIC = ("+", "-", "*", "/", "%")
_TYPES: Mapping[type[nodes.Node], Callable[[Any], Value]] = {
    nodes.Template: lambda _: Unknown(STRING),
    nodes.Binary: lambda node: Unknown(NUMBER if node.operator in _NUMERIC else BOOL),
    nodes.Unary: lambda node: Unknown(NUMBER if node.operator == "-" else BOOL),
}


def conditional(node: nodes.Conditional, scope: Scope, evaluate: Evaluate) -> Value:
    """The value of the branch that the condition chooses, as the type that both share."""
    return choose(node, (node.then, node.otherwise), scope, evaluate)


def choose(
    node: nodes.Conditional | nodes.TemplateIf,
    branches: tuple[Expression, Expression],
    scope: Scope,
    evaluate: Evaluate,
) -> Value:
    """What a condition makes of two branches."""
    condition = evaluate(node.condition, scope)
    with ToldAt(node.condition, scope, evaluate):
        chosen = truth(condition, "Incorrect condition type", "The condition")
    if chosen is None:
        return _undecided(node, condition, [_tried(branch, scope, evaluate) for branch in branches])
    value = evaluate(branches[not chosen], scope)
    other = _tried(branches[chosen], scope, evaluate)
    common = _common(node, (value, other) if chosen else (other, value))
    try:
        return mark(convert(value, common), is_sensitive(condition) or is_sensitive(other))
    except RefusedError as refused:
        raise SpanError(
            "Inconsistent conditional result types", refused.detail, node.start, node.end, hint=refused.hint
        ) from None


def _tried(branch: Expression, scope: Scope, evaluate: Evaluate) -> Value:
    """The value of a branch that may be wrong: the condition often guards against just that.

    Where it is wrong, as much of its type as the text tells: that decides the type of the other branch.
    Nothing is evaluated twice, or time would double with each branch inside of a branch.
    """
    if isinstance(branch, nodes.Parentheses):
        return _tried(branch.inner, scope, evaluate)
    if isinstance(branch, nodes.Tuple):
        return scope.budget.admit(tuple([_tried(item, scope, evaluate) for item in branch.items]), branch)
    if isinstance(branch, nodes.Object) and all(isinstance(key, nodes.Literal) for key, _ in branch.items):
        tried = {
            str(to_text(_tried(key, scope, evaluate))): _tried(item, scope, evaluate) for key, item in branch.items
        }
        return scope.budget.admit(tried, branch)
    try:
        return evaluate(branch, scope)
    except UndeclaredError:
        raise
    except SpanError:
        return _TYPES.get(type(branch), lambda _: UNKNOWN)(branch)


def _undecided(node: nodes.Node, condition: Value, values: list[Value]) -> Value:
    then, otherwise = values
    common = _common(node, (then, otherwise))
    bare = unmark(then)[0]
    certain = (is_null(bare) or is_number(bare)) and equal(then, otherwise)
    result = bare if certain else Unknown(common, certain=not any(map(_may_be_null, values)))
    return mark(result, any(map(is_sensitive, (condition, then, otherwise))))


def _may_be_null(value: Value) -> bool:
    bare, _ = unmark(value)
    return not bare.certain if isinstance(bare, Unknown) else is_null(bare)


def _common(node: nodes.Node, values: tuple[Value, Value]) -> Type:
    if any(unmark(value)[0] == UNKNOWN for value in values):
        return ANY
    types = [type_of(value) for value in values]
    # A null of no type is one of the other's.
    untyped = [unmark(value)[0] is None for value in values]
    common = types[untyped[0]] if any(untyped) else unify(types)
    if common is not None:
        return common
    then, otherwise = values
    detail = (
        f"Both results must be of one type, and the first is {named(then)} while the second is {named(otherwise)}"
        + (", with elements of different types." if kind(then) == kind(otherwise) else ".")
    )
    raise SpanError("Inconsistent conditional result types", detail, node.start, node.end)
