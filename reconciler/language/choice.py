"""Evaluates `condition ? then : otherwise`."""

from __future__ import annotations

from reconciler.language import nodes
from reconciler.language.conversion import convert
from reconciler.language.equality import equal
from reconciler.language.involved import told_at
from reconciler.language.nodes import Expression
from reconciler.language.operators import truth
from reconciler.language.scope import Evaluate, Scope, UndeclaredError
from reconciler.language.span import RefusedError, SpanError
from reconciler.language.types import ANY, Type
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
    type_of,
    unmark,
)


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
    with told_at(node.condition, scope, evaluate):
        chosen = truth(condition, "Incorrect condition type", "The condition")
    if chosen is None:
        return _undecided(node, condition, [evaluate(branch, scope) for branch in branches])
    value = evaluate(branches[not chosen], scope)
    try:
        other = evaluate(branches[chosen], scope)
    except UndeclaredError:
        raise
    except SpanError:
        # The branch that is not taken may be wrong: the condition often guards against just that.
        return mark(value, is_sensitive(condition))
    common = _common(node, (value, other) if chosen else (other, value))
    try:
        return mark(convert(value, common), is_sensitive(condition) or is_sensitive(other))
    except RefusedError as refused:
        raise SpanError(
            "Inconsistent conditional result types", refused.detail, node.start, node.end, hint=refused.hint
        ) from None


def _undecided(node: nodes.Node, condition: Value, values: list[Value]) -> Value:
    then, otherwise = values
    common = _common(node, (then, otherwise))
    bare = unmark(then)[0]
    certain = (is_null(bare) or is_number(bare)) and equal(then, otherwise)
    return mark(bare if certain else Unknown(common), any(map(is_sensitive, (condition, then, otherwise))))


def _common(node: nodes.Node, values: tuple[Value, Value]) -> Type:
    if any(unmark(value)[0] == UNKNOWN for value in values):
        return ANY
    common = unify([type_of(value) for value in values])
    if common is not None:
        return common
    then, otherwise = values
    detail = (
        f"Both results must be of one type, and the first is {named(then)} while the second is {named(otherwise)}"
        + (", with elements of different types." if kind(then) == kind(otherwise) else ".")
    )
    raise SpanError("Inconsistent conditional result types", detail, node.start, node.end)
