"""The functions templatefile and templatestring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import cast

from reconciler.language import nodes
from reconciler.language.conversion import UnsuitableError, convert
from reconciler.language.functions.files import text_of
from reconciler.language.functions.signature import ArgumentError, CallError, Family, Outside, Sees
from reconciler.language.scope import Scope
from reconciler.language.span import SpanError
from reconciler.language.types import STRING
from reconciler.language.value import Value, is_null, named, shown

FAMILY = Family()
function = FAMILY.function

_RECURSIVE = ("templatefile", "templatestring")


@function("templatefile(path string, vars any) any?", unknown=Sees.PARTS, marks=True, outside=True)
def _templatefile(outside: Outside, path: str, names: Value) -> Value:
    return _rendered(outside, text_of(outside, path), f"`{path}`", names)


@function("templatestring(template string, vars any) string", unknown=Sees.PARTS, marks=True, outside=True)
def _templatestring(outside: Outside, template: str, names: Value) -> Value:
    value = _rendered(outside, template, "the template", names)
    try:
        return convert(value, STRING)
    except UnsuitableError:
        raise CallError(f"The template gives {named(value)}, and not a text.") from None


def _rendered(outside: Outside, text: str, what: str, names: Value) -> Value:
    marker = "EOT"
    while marker in text:
        marker += "_"
    opening = f"_ = <<{marker}\n"
    try:
        template = _parsed(f"{opening}{text}\n{marker}\n")
        _refuse_recursion(template, what)
        scope = Scope(names=_named(names), budget=outside.scope.budget, files=outside.scope.files)
        value = outside.evaluate(template, scope)
    except SpanError as error:
        raise _inside(error, text, error.start - len(opening), what) from None
    if is_null(value):
        raise CallError(f"The value of {what} is null.")
    return value


def _parsed(text: str) -> nodes.Expression:
    """The template in a heredoc, without the newline that the heredoc adds to it."""
    from reconciler.language.hcl import parse

    # One argument whose value is a heredoc: a text or a template.
    value = cast(nodes.Argument, parse(text).items[0]).value
    parts = list(value.parts) if isinstance(value, nodes.Template) else [value]
    if isinstance(parts[-1], nodes.Literal):
        parts[-1] = replace(parts[-1], value=str(parts[-1].value).removesuffix("\n"))
        if len(parts) > 1 and not parts[-1].value:
            parts.pop()
    alone = len(parts) == 1 and not isinstance(parts[0], (nodes.TemplateIf, nodes.TemplateFor))
    return parts[0] if alone else nodes.Template(value.start, value.end, tuple(parts))


def _refuse_recursion(template: nodes.Expression, what: str) -> None:
    for call in _calls(template):
        if call.name.removeprefix("core::") in _RECURSIVE:
            detail = f"{_capital(what)} calls `{call.name}`, and templates cannot be called inside of templates."
            raise CallError(detail, "call it outside, and hand its result in as a variable")


def _calls(template: nodes.Node) -> Iterator[nodes.Call]:
    todo = [template]
    while todo:
        node = todo.pop()
        if isinstance(node, nodes.Call):
            yield node
        todo.extend(nodes.children(node))


def _named(value: Value) -> dict[str, Value]:
    if not isinstance(value, Mapping):
        raise ArgumentError(1, f"`vars` must be an object or a map, and this is {named(value)}.")
    for name in value:
        if not name.replace("-", "_").isidentifier():
            why = "a name begins with a letter and holds letters, digits, `_` and `-`"
            raise ArgumentError(1, f"{shown(name)} cannot be the name of a variable: {why}.")
    return dict(value)


def _inside(error: SpanError, text: str, at: int, what: str) -> CallError:
    at = max(0, min(at, len(text)))
    line, column = text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1
    detail = f"{_capital(what)} is wrong at line {line}, column {column}: {error.summary}. {error.detail}"
    return CallError(detail, error.hint)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
