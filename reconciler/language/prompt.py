"""Expressions that somebody types, one at a time."""

from __future__ import annotations

from reconciler.language import nodes
from reconciler.language.expression import evaluate
from reconciler.language.hcl import parse
from reconciler.language.passage import Document, Passage
from reconciler.language.scope import Scope
from reconciler.language.span import SpanError
from reconciler.language.value import Value
from reconciler.model.diagnostic import EnvformError

_BEFORE = "_ = "
_FILENAME = "<console-input>"


def is_unfinished(text: str) -> bool:
    """Whether the text may still become an expression when lines are added: a bracket or heredoc is open."""
    try:
        _read(text)
    except SpanError as error:
        return "never closed" in error.detail and not error.summary.startswith("Unterminated string")
    return False


def value_of_text(text: str, scope: Scope) -> Value:
    """The value of one expression. Raises EnvformError where it has none."""
    try:
        return evaluate(_read(text), scope)
    except SpanError as error:
        passage = Passage(Document(_FILENAME, text), -len(_BEFORE))
        raise EnvformError(passage.diagnostic(error)) from None


def _read(text: str) -> nodes.Expression:
    body = parse(f"{_BEFORE}{text}\n")
    first, *others = body.items
    if others or not isinstance(first, nodes.Argument):
        detail = "One expression is expected here, and this is more."
        raise SpanError("Invalid expression", detail, others[0].start, others[0].end)
    return first.value
