"""All mistakes of an expression: evaluating it tells the first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from reconciler.language import nodes
from reconciler.language.expression import evaluate
from reconciler.language.functions.lazy import LAZY
from reconciler.language.operators import truth
from reconciler.language.scope import Scope
from reconciler.language.span import RefusedError, SpanError
from reconciler.language.traversals import traversal

_ENOUGH = 20


def failures(node: nodes.Expression, scope: Scope, first: SpanError) -> list[SpanError]:
    """The mistake that was found, and those that are found in the parts of the expression that it hid."""
    if isinstance(node, nodes.Literal | nodes.Number | nodes.Name):
        return [first]
    # One budget for the whole search: however deep the expression is, it ends.
    found = {(error.start, error.end): error for error in _within(node, scope.renewed(), first)}
    return [*found.values()][:_ENOUGH] if any(_same(error, first) for error in found.values()) else [first]


def _within(node: nodes.Expression, scope: Scope, error: SpanError) -> Iterator[SpanError]:
    inner = [one for part in _parts(node, scope) for one in _failed(part, scope)]
    yield from inner or [error]


def _failed(node: nodes.Expression, scope: Scope) -> Iterator[SpanError]:
    try:
        evaluate(node, scope)
    except SpanError as error:
        yield from _within(node, scope, error)


def _parts(node: nodes.Node, scope: Scope) -> Iterator[nodes.Expression]:
    """The parts that are evaluated whatever the others are, in this very scope."""
    if isinstance(node, nodes.For | nodes.TemplateFor):
        yield node.collection
    elif isinstance(node, nodes.Splat):
        yield node.of
    elif isinstance(node, nodes.Conditional | nodes.TemplateIf):
        yield node.condition
        chosen = _chosen(node.condition, scope)
        if chosen is not None:
            yield node.then if chosen else node.otherwise
    elif isinstance(node, nodes.Attribute | nodes.Index) and (found := traversal(node)):
        yield from (step.key for step in found.steps if isinstance(step, nodes.Index))
    elif not (isinstance(node, nodes.Call) and node.name in LAZY):
        yield from cast(list[nodes.Expression], nodes.children(node))


def _chosen(condition: nodes.Expression, scope: Scope) -> bool | None:
    try:
        return truth(evaluate(condition, scope), "", "")
    except (SpanError, RefusedError):
        return None


def _same(one: SpanError, other: SpanError) -> bool:
    return (one.summary, one.start, one.end) == (other.summary, other.start, other.end)
