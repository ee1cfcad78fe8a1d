"""What looks at arguments before they are evaluated: try and can, which may be given what fails, and templatestring."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reconciler.language import nodes
from reconciler.language.scope import Evaluate, Scope
from reconciler.language.span import SpanError
from reconciler.language.types import BOOL
from reconciler.language.value import UNKNOWN, Unknown, Value, holds_sensitive, is_wholly_known, mark

_WRONG_ANYWHERE = (
    "Invalid reference",
    "Reference to undeclared",
    "Self-referential",
    "Environment not known yet",
    "Cycle",
)


def call_lazily(node: nodes.Call, name: str, scope: Scope, evaluate: Evaluate) -> Value:
    """What the function with this name, one of LAZY, gives."""
    if node.spread:
        last = node.arguments[-1]
        detail = "`try` and `can` take expressions, one by one: there is nothing to expand before they are evaluated."
        raise SpanError("Invalid expanding argument value", detail, last.start, last.end)
    return LAZY[name](node, scope, evaluate)


def require_reference(node: nodes.Call) -> None:
    """`templatestring` is for templates that come from elsewhere: one that stands in the call is just a string."""
    if not node.arguments or node.spread:
        return
    template = node.arguments[0]
    base: nodes.Node = template
    while isinstance(base, (nodes.Attribute, nodes.Index)):
        base = base.of
    if not isinstance(base, nodes.Name):
        detail = "`templatestring` takes a reference to a text, such as `local.greeting`."
        hint = 'a template that stands here is written as a string: "Hello, ${name}"'
        raise SpanError("Invalid function argument", detail, template.start, template.end, hint=hint)


def _try(node: nodes.Call, scope: Scope, evaluate: Evaluate) -> Value:
    if not node.arguments:
        detail = "`try` takes at least one expression."
        raise SpanError("Not enough function arguments", detail, node.start, node.end)
    failures: list[str] = []
    for expression in node.arguments:
        try:
            value = evaluate(expression, scope)
        except SpanError as error:
            _pass_on(error)
            failures.append(f"{error.summary}. {error.detail}")
            continue
        # What is not known yet may turn out to fail.
        return value if is_wholly_known(value) else mark(UNKNOWN, holds_sensitive(value))
    detail = "None of the expressions has a value. The last one: " + failures[-1]
    raise SpanError("Error in function call", detail, node.start, node.end)


def _can(node: nodes.Call, scope: Scope, evaluate: Evaluate) -> Value:
    if len(node.arguments) != 1:
        few = not node.arguments
        at = node if few else node.arguments[1]
        summary = f"{'Not enough' if few else 'Too many'} function arguments"
        raise SpanError(summary, "`can(expression)` takes 1 argument.", at.start, at.end)
    try:
        value = evaluate(node.arguments[0], scope)
    except SpanError as error:
        _pass_on(error)
        return False
    return True if is_wholly_known(value) else Unknown(BOOL)


def _pass_on(error: SpanError) -> None:
    """Names that do not exist are mistakes of whoever wrote them, wherever they stand."""
    if error.summary.startswith(_WRONG_ANYWHERE):
        raise error


LAZY: Mapping[str, Callable[[nodes.Call, Scope, Evaluate], Value]] = {"try": _try, "can": _can}
