"""Evaluates strings and heredocs with `${…}` and `%{…}` in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from reconciler.language import nodes
from reconciler.language.beginnings import begun
from reconciler.language.choice import choose
from reconciler.language.involved import told
from reconciler.language.loops import Loop, iterations
from reconciler.language.scope import Evaluate, Scope
from reconciler.language.span import RefusedError
from reconciler.language.template import compose
from reconciler.language.types import STRING
from reconciler.language.value import Unknown, Value, is_sensitive, mark, named, to_text, unmark


def template(node: nodes.Template, scope: Scope, evaluate: Evaluate) -> Value:
    """The text of all parts; unknown and sensitive parts make the whole so."""
    return _joined([_text(part, scope, evaluate) for part in node.parts], node, scope)


def template_if(node: nodes.TemplateIf, scope: Scope, evaluate: Evaluate) -> Value:
    """The text of one of two bodies."""
    return choose(node, (node.then, node.otherwise), scope, evaluate)


def template_for(node: nodes.TemplateFor, scope: Scope, evaluate: Evaluate) -> Value:
    """The texts that the body has for each element."""
    loop = Loop()
    texts = [template(node.body, inner, evaluate) for inner in iterations(node, scope, evaluate, loop)]
    return mark(_joined(texts, node, scope) if loop.known else Unknown(STRING), loop.sensitive)


def _text(part: nodes.Expression, scope: Scope, evaluate: Evaluate) -> Value:
    value, marked = unmark(evaluate(part, scope))
    if type(value) is str and not marked:
        return value
    if isinstance(value, Unknown):
        return mark(value, marked)
    text = to_text(value)
    if text is None:
        detail = f"Only strings, numbers and bools can stand in a text, and this is {named(value)}."
        refused = RefusedError("Invalid template interpolation value", detail)
        raise told(refused, part, [part], scope, evaluate)
    return mark(text, marked)


def _joined(texts: Iterable[Value], node: nodes.Node, scope: Scope) -> Value:
    texts = list(texts)
    if all(type(text) is str for text in texts):
        whole = cast(list[str], texts)
        scope.budget.write(sum(map(len, whole)), node)
        return compose("".join(whole))
    known: list[str] = []
    for text in (unmark(text)[0] for text in texts):
        if not isinstance(text, str):
            break
        known.append(text)
    scope.budget.write(sum(map(len, known)), node)
    joined = compose("".join(known))
    found = joined if len(known) == len(texts) else begun(joined)
    return mark(found, any(map(is_sensitive, texts)))
