"""Evaluates expressions. The scanner's depth limit bounds the recursion; chains of operators and steps are loops."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeVar

from reconciler.language import nodes
from reconciler.language.access import attribute_of, element_of
from reconciler.language.conversion import convert
from reconciler.language.involved import involved
from reconciler.language.nodes import Expression
from reconciler.language.number import parse_number
from reconciler.language.operators import binary, truth, unary
from reconciler.language.scope import Scope
from reconciler.language.span import RefusedError, SpanError
from reconciler.language.template import compose
from reconciler.language.unification import unify
from reconciler.language.value import Value, kind, named, to_text, type_of

MAXIMUM_TEXT = 10_000_000

_Result = TypeVar("_Result")


def evaluate(node: Expression, scope: Scope) -> Value:
    """The value of an expression; SpanError where it has none."""
    return _RULES[type(node)](node, scope)


def _at(node: nodes.Node, scope: Scope, function: Callable[..., _Result], *arguments: Any) -> _Result:
    """What the function returns; what it refuses is told at the node, with the values that were involved."""
    try:
        return function(*arguments)
    except RefusedError as refused:
        raise _told(refused, node, [node], scope) from None


def _told(refused: RefusedError, node: nodes.Node, parts: Sequence[nodes.Node], scope: Scope) -> SpanError:
    values = involved(parts, lambda part: evaluate(part, scope))
    return SpanError(refused.summary, refused.detail, node.start, node.end, hint=refused.hint, values=values)


def _number(node: nodes.Number, scope: Scope) -> Value:
    return _at(node, scope, parse_number, node.text)


def _parentheses(node: nodes.Parentheses, scope: Scope) -> Value:
    return evaluate(node.inner, scope)


def _traversal(node: nodes.Name | nodes.Attribute | nodes.Index, scope: Scope) -> Value:
    steps: list[nodes.Attribute | nodes.Index] = []
    base: Expression = node
    while isinstance(base, (nodes.Attribute, nodes.Index)):
        steps.append(base)
        base = base.of
    steps.reverse()
    value, taken = scope.resolve(base, steps) if isinstance(base, nodes.Name) else (evaluate(base, scope), 0)
    for step in steps[taken:]:
        key = None if isinstance(step, nodes.Attribute) else evaluate(step.key, scope)
        try:
            value = attribute_of(value, step.name) if isinstance(step, nodes.Attribute) else element_of(value, key)
        except RefusedError as refused:
            raise _told(refused, step, nodes.children(step), scope) from None
    return value


def _splat(node: nodes.Splat, scope: Scope) -> Value:
    of = evaluate(node.of, scope)
    if of is None:
        return ()
    elements = of if isinstance(of, tuple) else (of,)
    return tuple(evaluate(node.each, scope.with_item(element)) for element in elements)


def _unary(node: nodes.Unary, scope: Scope) -> Value:
    return _at(node, scope, unary, node.operator, evaluate(node.operand, scope))


def _binary(node: nodes.Binary, scope: Scope) -> Value:
    todo: list[tuple[Expression, bool]] = [(node, False)]
    values: list[Value] = []
    while todo:
        current, operands_done = todo.pop()
        if not isinstance(current, nodes.Binary):
            values.append(evaluate(current, scope))
        elif operands_done:
            right, left = values.pop(), values.pop()
            values.append(_at(current, scope, binary, current.operator, left, right))
        else:
            todo.extend([(current, True), (current.right, False), (current.left, False)])
    return values.pop()


def _conditional(node: nodes.Conditional, scope: Scope) -> Value:
    condition = evaluate(node.condition, scope)
    chosen = _at(node.condition, scope, truth, condition, "Incorrect condition type", "The condition")
    value = evaluate(node.then if chosen else node.otherwise, scope)
    try:
        other = evaluate(node.otherwise if chosen else node.then, scope)
    except SpanError:
        # The branch that is not taken may be wrong: the condition often guards against just that.
        return value
    common = unify([type_of(value), type_of(other)])
    if common is None:
        then, otherwise = (value, other) if chosen else (other, value)
        detail = (
            f"Both results must be of one type, and the first is {named(then)} while the second is a "
            f"{kind(otherwise)}" + (", with elements of different types." if kind(then) == kind(otherwise) else ".")
        )
        raise SpanError("Inconsistent conditional result types", detail, node.start, node.end)
    return convert(value, common)


def _call(node: nodes.Call, scope: Scope) -> Value:
    if find_spec("reconciler.language.calls"):
        found: Value = import_module("reconciler.language.calls").call(node, scope, evaluate)
        return found
    detail = f"There is no function named `{node.name}`."
    raise SpanError("Call to unknown function", detail, node.start, node.start + len(node.name))


def _tuple(node: nodes.Tuple, scope: Scope) -> Value:
    return tuple([evaluate(item, scope) for item in node.items])


def _object(node: nodes.Object, scope: Scope) -> Value:
    result: dict[str, Value] = {}
    for key_node, value_node in node.items:
        key = _key(key_node, scope)
        if key in result:
            detail = f"The key `{key}` stands in this object twice; only one of the values could be used."
            raise SpanError("Duplicate object key", detail, key_node.start, key_node.end)
        result[key] = evaluate(value_node, scope)
    return result


def _key(node: Expression, scope: Scope) -> str:
    value = evaluate(node, scope)
    key = to_text(value)
    if key is None:
        given = named(value)
        detail = f"An object's key is a string, and this is {given}."
        values = involved([node], lambda part: evaluate(part, scope))
        raise SpanError("Incorrect key type", detail, node.start, node.end, values=values)
    return key


def _for(node: nodes.For, scope: Scope) -> Value:
    if node.key is None:
        return tuple([evaluate(node.value, inner) for inner in _iterations(node, scope)])
    grouped: dict[str, list[Value]] = {}
    for inner in _iterations(node, scope):
        key = _key(node.key, inner)
        if key in grouped and not node.grouped:
            detail = f"Two elements produce the key `{key}`, and an object holds a key once."
            hint = "write `...` after the value to gather the values of each key in a tuple"
            raise SpanError("Duplicate object key", detail, node.key.start, node.key.end, hint=hint)
        grouped.setdefault(key, []).append(evaluate(node.value, inner))
    return {key: tuple(values) if node.grouped else values[0] for key, values in sorted(grouped.items())}


def _iterations(node: nodes.For | nodes.TemplateFor, scope: Scope) -> Iterator[Scope]:
    collection = evaluate(node.collection, scope)
    if isinstance(collection, tuple):
        pairs: list[tuple[Value, Value]] = list(enumerate(collection))
    elif isinstance(collection, Mapping):
        pairs = [(key, collection[key]) for key in sorted(collection)]
    else:
        given = named(collection)
        at = node.collection
        values = involved([at], lambda part: evaluate(part, scope))
        detail = f"`for` goes over tuples and objects, and this is {given}."
        raise SpanError("Iteration over non-iterable value", detail, at.start, at.end, values=values)
    condition = node.condition if isinstance(node, nodes.For) else None
    for pair in pairs:
        scope.budget.spend(node)
        inner = scope.with_names(node.names, pair[-len(node.names) :])
        if condition is not None:
            value = evaluate(condition, inner)
            if not _at(condition, inner, truth, value, "Invalid 'for' condition", "The condition"):
                continue
        yield inner


def _template(node: nodes.Template, scope: Scope) -> str:
    parts: list[str] = []
    length = 0
    for part in node.parts:
        value = evaluate(part, scope)
        text = to_text(value)
        if text is None:
            given = named(value)
            detail = f"Only strings, numbers and bools can stand in a text, and this is {given}."
            values = involved([part], lambda inner: evaluate(inner, scope))
            raise SpanError("Invalid template interpolation value", detail, part.start, part.end, values=values)
        length += len(text)
        if length > MAXIMUM_TEXT:
            detail = f"A text may hold {MAXIMUM_TEXT:,} characters."
            raise SpanError("Text too long", detail, node.start, node.end)
        parts.append(text)
    return compose("".join(parts))


def _template_if(node: nodes.TemplateIf, scope: Scope) -> Value:
    condition = evaluate(node.condition, scope)
    chosen = _at(node.condition, scope, truth, condition, "Incorrect condition type", "The condition")
    return _template(node.then if chosen else node.otherwise, scope)


def _template_for(node: nodes.TemplateFor, scope: Scope) -> Value:
    return "".join([_template(node.body, inner) for inner in _iterations(node, scope)])


_RULES: dict[type[nodes.Node], Callable[[Any, Scope], Value]] = {
    nodes.Literal: lambda node, _: node.value,
    nodes.Number: _number,
    nodes.Name: _traversal,
    nodes.Item: lambda _, scope: scope.item,
    nodes.Attribute: _traversal,
    nodes.Index: _traversal,
    nodes.Splat: _splat,
    nodes.Parentheses: _parentheses,
    nodes.Unary: _unary,
    nodes.Binary: _binary,
    nodes.Conditional: _conditional,
    nodes.Call: _call,
    nodes.Tuple: _tuple,
    nodes.Object: _object,
    nodes.For: _for,
    nodes.Template: _template,
    nodes.TemplateIf: _template_if,
    nodes.TemplateFor: _template_for,
}
