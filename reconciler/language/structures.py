"""Evaluates `[…]` and `{…}`, and the keys of objects."""

from __future__ import annotations

from reconciler.language import nodes
from reconciler.language.involved import told
from reconciler.language.nodes import Expression
from reconciler.language.scope import Evaluate, Scope
from reconciler.language.span import RefusedError, SpanError
from reconciler.language.value import UNKNOWN, Unknown, Value, mark, named, to_text, unmark


def tuple_value(node: nodes.Tuple, scope: Scope, evaluate: Evaluate) -> Value:
    """`[items]`."""
    return scope.budget.admit(tuple([evaluate(item, scope) for item in node.items]), node)


def object_value(node: nodes.Object, scope: Scope, evaluate: Evaluate) -> Value:
    """`{ key = value }`. Sensitive keys make the whole object so, unknown ones the whole object unknown."""
    result: dict[str, Value] = {}
    known, sensitive = True, False
    for key_node, value_node in node.items:
        key, marked = key_of(key_node, scope, evaluate)
        sensitive = sensitive or marked
        value = evaluate(value_node, scope)
        if key is None:
            known = False
            continue
        if key in result:
            which = "A sensitive key" if marked else f"The key `{key}`"
            detail = f"{which} stands in this object twice; only one of the values could be used."
            raise SpanError("Duplicate object key", detail, key_node.start, key_node.end)
        result[key] = value
    return mark(scope.budget.admit(result, node) if known else UNKNOWN, sensitive)


def key_of(node: Expression, scope: Scope, evaluate: Evaluate) -> tuple[str | None, bool]:
    """The key that an expression gives, None where it is unknown; and whether it is sensitive."""
    value, marked = unmark(evaluate(node, scope))
    key = to_text(value)
    if key is None and not isinstance(value, Unknown):
        refused = RefusedError("Incorrect key type", f"An object's key is a string, and this is {named(value)}.")
        raise told(refused, node, [node], scope, evaluate)
    return key, marked
