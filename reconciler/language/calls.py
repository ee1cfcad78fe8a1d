"""Evaluates calls of functions, and tells what is wrong with one at the argument that is."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.language import nodes
from reconciler.language.functions.impure import impure_names, refuse_impure
from reconciler.language.functions.lazy import LAZY, call_lazily, require_reference
from reconciler.language.functions.signature import ArgumentError, Outside, Signature, apply
from reconciler.language.functions.table import find, names
from reconciler.language.involved import told
from reconciler.language.scope import Evaluate, Scope
from reconciler.language.span import RefusedError, SpanError
from reconciler.language.value import Value, is_known, is_null, mark, named, type_of, unmark
from reconciler.model.suggestion import did_you_mean

_NAMESPACE = "core::"


def call(node: nodes.Call, scope: Scope, evaluate: Evaluate) -> Value:
    """The value of a call."""
    name = node.name.removeprefix(_NAMESPACE)
    if name in LAZY:
        return call_lazily(node, name, scope, evaluate)
    signature = _found(node, name)
    if name == "templatestring":
        require_reference(node)
    values = [evaluate(argument, scope) for argument in node.arguments]
    expanded, marked = _expanded(node, values, scope, evaluate) if node.spread else (values, False)
    if expanded is None:
        return mark(signature.awaited(), marked)
    try:
        result = apply(signature, expanded, Outside(scope, evaluate))
    except RefusedError as refused:
        raise _told(refused, node, scope, evaluate) from None
    bare, _ = unmark(result)
    if isinstance(bare, str):
        scope.budget.write(len(bare), node)
    return scope.budget.admit(mark(result, marked), node)


def _found(node: nodes.Call, name: str) -> Signature:
    signature = find(name)
    if signature is None:
        raise no_function(node)
    return signature


def no_function(node: nodes.Call) -> SpanError:
    """What to say of a call of a function that there is not."""
    name, end = node.name.removeprefix(_NAMESPACE), node.start + len(node.name)
    try:
        refuse_impure(name)
    except RefusedError as refused:
        return SpanError(refused.summary, refused.detail, node.start, end, hint=refused.hint)
    hint = did_you_mean(name, names() | impure_names())
    detail = f"There is no function named `{name}`."
    if "::" in name:
        namespace = node.name.rpartition("::")[0]
        detail = f"There is no namespace `{namespace}`: all functions are envform's own, in `core`."
        hint = did_you_mean(name.rpartition("::")[2], names())
    return SpanError("Call to unknown function", detail, node.start, end, hint=hint)


def _expanded(
    node: nodes.Call, values: Sequence[Value], scope: Scope, evaluate: Evaluate
) -> tuple[list[Value] | None, bool]:
    """The arguments with the last one's elements in its place, None where they are not known; whether it is marked."""
    last, marked = unmark(values[-1])
    if not is_known(last) and type_of(last).kind in ("any", "list", "set", "tuple"):
        return None, marked
    if not isinstance(last, tuple):
        what = "null" if is_null(last) else named(last)
        detail = f"Only lists, sets and tuples can be expanded into arguments by `...`, and this is {what}."
        at = node.arguments[-1]
        raise told(RefusedError("Invalid expanding argument value", detail), at, [at], scope, evaluate)
    return [*values[:-1], *last], marked


def _told(refused: RefusedError, node: nodes.Call, scope: Scope, evaluate: Evaluate) -> SpanError:
    at: nodes.Node = node
    if isinstance(refused, ArgumentError) and node.arguments:
        at = node.arguments[min(refused.at, len(node.arguments) - 1)]
    return told(refused, at, [at], scope, evaluate)
