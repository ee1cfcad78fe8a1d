"""Types as variables declare them: `list(object({ name = string, size = optional(number, 1) }))`."""

from __future__ import annotations

from reconciler.language import nodes
from reconciler.language.conversion import convert
from reconciler.language.expression import evaluate
from reconciler.language.lookups import check_constant
from reconciler.language.scope import Scope
from reconciler.language.span import FollowingError, RefusedError, SpanError
from reconciler.language.types import ANY, BOOL, NUMBER, STRING, Type, list_of, map_of, object_of, set_of, tuple_of
from reconciler.language.value import Value
from reconciler.model.suggestion import did_you_mean

_SUMMARY = "Invalid type specification"
_SIMPLE = {"string": STRING, "number": NUMBER, "bool": BOOL, "any": ANY}
_OF_ONE = {"list": list_of, "set": set_of, "map": map_of}
_WORDS = (*_SIMPLE, *_OF_ONE, "object", "tuple")


def declared_type(node: nodes.Expression) -> Type:
    """The type that an expression names; SpanError where it names none."""
    if isinstance(node, nodes.Unread):
        raise FollowingError(node)
    if isinstance(node, nodes.Parentheses):
        return declared_type(node.inner)
    if isinstance(node, nodes.Name):
        return _named(node)
    if isinstance(node, nodes.Call):
        return _made(node)
    if isinstance(node, nodes.Literal) and isinstance(node.value, str):
        detail = "Types are written without quotes."
        hint = f"write `type = {node.value}`" if node.value in _WORDS else ""
        raise SpanError("Invalid quoted type", detail, node.start, node.end, hint=hint)
    raise _refused(node, "A type is expected here, such as `string` or `list(number)`.")


def _named(node: nodes.Name) -> Type:
    if node.name in _SIMPLE:
        return _SIMPLE[node.name]
    if node.name in ("list", "map"):
        # As Terraform reads configurations of before 0.12.
        return _OF_ONE[node.name](ANY)
    detail = f"`{node.name}` is no type."
    hint = did_you_mean(node.name, _WORDS)
    if node.name in _WORDS:
        detail = f"The type `{node.name}` says in parentheses what is in it."
        hint = {"set": "such as `set(string)`", "object": "such as `object({ name = string })`"}.get(
            node.name, "such as `tuple([string, number])`"
        )
    raise SpanError(_SUMMARY, detail, node.start, node.end, hint=hint)


def _made(node: nodes.Call) -> Type:
    end = node.start + len(node.name)
    if node.name == "optional":
        raise SpanError(_SUMMARY, "`optional(…)` can stand only for an attribute of `object({…})`.", node.start, end)
    if node.name not in _WORDS or node.name in _SIMPLE:
        hint = did_you_mean(node.name, _WORDS)
        raise SpanError(_SUMMARY, f"There is no type `{node.name}(…)`.", node.start, end, hint=hint)
    if len(node.arguments) != 1 or node.spread:
        raise _refused(node, f"The type `{node.name}` takes one argument in parentheses.")
    (inner,) = node.arguments
    if node.name in _OF_ONE:
        return _OF_ONE[node.name](declared_type(inner))
    if node.name == "tuple":
        if not isinstance(inner, nodes.Tuple):
            raise _refused(inner, "The types of a tuple's elements stand in brackets: `tuple([string, number])`.")
        return tuple_of([declared_type(item) for item in inner.items])
    if not isinstance(inner, nodes.Object):
        raise _refused(inner, "The types of an object's attributes stand in braces: `object({ name = string })`.")
    return _object(inner)


def _object(node: nodes.Object) -> Type:
    attributes: dict[str, Type] = {}
    optional: dict[str, Value] = {}
    for key_node, value_node in node.items:
        if not isinstance(key_node, nodes.Literal) or not isinstance(key_node.value, str):
            raise _refused(key_node, "The name of an attribute is a word.")
        key = key_node.value
        if key in attributes:
            raise _refused(key_node, f"The attribute `{key}` stands in this type twice.")
        if isinstance(value_node, nodes.Call) and value_node.name == "optional":
            attributes[key], optional[key] = _optional(value_node)
        else:
            attributes[key] = declared_type(value_node)
    return object_of(attributes, optional)


def _optional(node: nodes.Call) -> tuple[Type, Value]:
    if not 1 <= len(node.arguments) <= 2 or node.spread:
        raise _refused(node, "`optional` takes a type, and a default if there is one: `optional(number, 1)`.")
    wanted = declared_type(node.arguments[0])
    if len(node.arguments) == 1:
        return wanted, None
    default = node.arguments[1]
    check_constant(default)
    try:
        return wanted, convert(evaluate(default, Scope()), wanted)
    except RefusedError as refused:
        raise SpanError(
            "Invalid default value for optional attribute", refused.detail, default.start, default.end
        ) from refused


def _refused(node: nodes.Node, detail: str) -> SpanError:
    return SpanError(_SUMMARY, detail, node.start, node.end)
