"""`condition` and `error_message`: what validations, preconditions, postconditions and assertions are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from reconciler.language import nodes
from reconciler.language.declaration import Declaration
from reconciler.language.expression import evaluate
from reconciler.language.failures import failures
from reconciler.language.involved import involved
from reconciler.language.scope import Scope
from reconciler.language.span import SpanError
from reconciler.language.value import Value, is_known, is_null, named, to_bool, to_text, unmark, unmark_deep
from reconciler.language.worked import value_of
from reconciler.model.diagnostic import Diagnostics

Read = TypeVar("Read")

_HIDDEN = (
    "The message that explains it holds a sensitive value, so it is not shown. "
    "Take the value out of `error_message`, or write `nonsensitive(…)` around what may be seen."
)


def failure(rule: Declaration, scope: Scope, problems: Diagnostics) -> SpanError | None:
    """What the rule has to say, at its condition, where it does not hold; nothing while that is not known.

    As in Terraform, a message with a mistake in it is one even while nobody needs it.
    """
    condition, explained = rule.arguments.get("condition"), rule.arguments.get("error_message")
    holds = _read(_holds, rule, condition, scope, problems)
    message = _read(_message, rule, explained, scope, problems)
    if condition is None or message is None or holds is not False:
        return None
    node = condition.value
    values = involved([node], lambda part: evaluate(part, scope))
    return SpanError("", message, node.start, node.end, values=values)


def holds(rule: Declaration, scope: Scope) -> bool | None:
    """Whether the rule's condition is true; None where that is not known, or cannot be told for a mistake in it."""
    return _read(_holds, rule, rule.arguments.get("condition"), scope, Diagnostics())


def _read(
    meaning: Callable[[Value, nodes.Expression], Read],
    rule: Declaration,
    argument: nodes.Argument | None,
    scope: Scope,
    problems: Diagnostics,
) -> Read | None:
    if argument is None:
        return None  # that was told when the block was read
    try:
        return meaning(value_of(rule, argument, scope), argument.value)
    except SpanError as error:
        rule.report_all(failures(argument.value, scope, error), problems)
        return None


def check_condition(rule: Declaration, scope: Scope, summary: str, problems: Diagnostics) -> None:
    """Add a problem, at the condition, where it does not hold."""
    found = failure(rule, scope, problems)
    if found is not None:
        told = SpanError(summary, found.detail, found.start, found.end, values=found.values)
        rule.report(told, problems)


def within(rule: Declaration, outer: Declaration) -> Declaration:
    """The rule as one of a certain instance."""
    return replace(rule, address=outer.address)


def _holds(given: Value, node: nodes.Expression) -> bool | None:
    value, _ = unmark(given)
    if not is_known(value):
        return None
    holds = None if is_null(value) else to_bool(value)
    if holds is None:
        detail = f"A condition is true or false, and this is {named(value)}."
        raise SpanError("Invalid condition result", detail, node.start, node.end)
    return holds


def _message(given: Value, node: nodes.Expression) -> str:
    value, sensitive = unmark_deep(given)
    if sensitive:
        return _HIDDEN
    text = to_text(value) if is_known(value) else "The message that explains it is not known yet."
    if text is None:
        detail = f"`error_message` is a text, and this is {named(value)}."
        raise SpanError("Invalid error message", detail, node.start, node.end)
    return text.strip()
