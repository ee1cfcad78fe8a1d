"""`condition` and `error_message`: what validations, preconditions, postconditions and assertions are made of."""

from __future__ import annotations

from dataclasses import replace

from reconciler.language import nodes
from reconciler.language.declaration import Declaration
from reconciler.language.expression import evaluate
from reconciler.language.involved import involved
from reconciler.language.scope import Scope
from reconciler.language.span import SpanError
from reconciler.language.value import is_known, is_null, named, to_bool, to_text, unmark, unmark_deep
from reconciler.model.diagnostic import Diagnostics

_HIDDEN = (
    "The message that explains it holds a sensitive value, so it is not shown. "
    "Take the value out of `error_message`, or write `nonsensitive(…)` around what may be seen."
)


def failure(rule: Declaration, scope: Scope, problems: Diagnostics) -> SpanError | None:
    """What the rule has to say, at its condition, where it does not hold; nothing while that is not known."""
    if not {"condition", "error_message"} <= rule.arguments.keys():
        return None  # that was told when the block was read
    node = rule.arguments["condition"].value
    try:
        holds = _holds(node, scope.renewed())
        if holds is not False:
            return None
        message = _message(rule.arguments["error_message"].value, scope.renewed())
    except SpanError as error:
        rule.report(error, problems)
        return None
    values = involved([node], lambda part: evaluate(part, scope))
    return SpanError("", message, node.start, node.end, values=values)


def check_condition(rule: Declaration, scope: Scope, summary: str, problems: Diagnostics) -> None:
    """Add a problem, at the condition, where it does not hold."""
    found = failure(rule, scope, problems)
    if found is not None:
        told = SpanError(summary, found.detail, found.start, found.end, values=found.values)
        rule.report(told, problems)


def within(rule: Declaration, outer: Declaration) -> Declaration:
    """The rule as one of a certain instance."""
    return replace(rule, address=outer.address)


def _holds(node: nodes.Expression, scope: Scope) -> bool | None:
    value, _ = unmark(evaluate(node, scope))
    if not is_known(value):
        return None
    holds = None if is_null(value) else to_bool(value)
    if holds is None:
        detail = f"A condition is true or false, and this is {named(value)}."
        raise SpanError("Invalid condition result", detail, node.start, node.end)
    return holds


def _message(node: nodes.Expression, scope: Scope) -> str:
    value, sensitive = unmark_deep(evaluate(node, scope))
    if sensitive:
        return _HIDDEN
    text = to_text(value) if is_known(value) else "The message that explains it is not known yet."
    if text is None:
        detail = f"`error_message` is a text, and this is {named(value)}."
        raise SpanError("Invalid error message", detail, node.start, node.end)
    return text.strip()
