"""Evaluates `for` expressions and splats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.language import nodes
from reconciler.language.access import typed_element
from reconciler.language.involved import ToldAt, told
from reconciler.language.number import counted
from reconciler.language.operators import truth
from reconciler.language.scope import Evaluate, Scope
from reconciler.language.span import RefusedError, SpanError
from reconciler.language.structures import key_of
from reconciler.language.types import ANY, BOOL, PRIMITIVES, Type
from reconciler.language.unification import possible, unify
from reconciler.language.value import (
    UNKNOWN,
    List,
    Set,
    Unknown,
    Value,
    is_null,
    is_sensitive,
    mark,
    named,
    type_of,
    unmark,
)
from reconciler.model.frozen import dataclass

_CONDITION = "Invalid 'for' condition"

ForNode = nodes.For | nodes.TemplateFor


@dataclass(slots=True)
class Loop:
    """What becomes known of a loop's result while it goes round."""

    known: bool = True
    sensitive: bool = False

    def result(self, value: Value) -> Value:
        """The value that was gathered, or what can be said of it."""
        return mark(value if self.known else UNKNOWN, self.sensitive)


def for_expression(node: nodes.For, scope: Scope, evaluate: Evaluate) -> Value:
    """`[for … : value]` and `{for … : key => value}`."""
    loop = Loop()
    rounds = iterations(node, scope, evaluate, loop)
    made = _tuple(node, rounds, evaluate) if node.key is None else _object(node, node.key, rounds, evaluate, loop)
    return loop.result(scope.budget.admit(made, node))


def iterations(node: ForNode, scope: Scope, evaluate: Evaluate, loop: Loop) -> Iterator[Scope]:
    """The scope of each round for which the condition holds."""
    collection, loop.sensitive = unmark(evaluate(node.collection, scope))
    loop.known = collection != UNKNOWN
    condition = node.condition if isinstance(node, nodes.For) else None
    if condition is not None and loop.known:
        # As Terraform does: a condition that can never hold is a mistake even where nothing is gone over.
        _holds(condition, scope.with_names(node.names, [UNKNOWN] * len(node.names)), evaluate, Loop())
    if not loop.known or _is_unknown_collection(collection):
        loop.known = False
        return
    for pair in _pairs(node, collection, scope, evaluate):
        scope.budget.spend(node)
        inner = scope.with_names(node.names, pair[-len(node.names) :])
        if condition is None or _holds(condition, inner, evaluate, loop):
            yield inner


def splat(node: nodes.Splat, scope: Scope, evaluate: Evaluate) -> Value:
    """`of[*]…` and `of.*…`: what is no sequence is taken for the only element of one, null for an empty one."""
    of, marked = unmark(evaluate(node.of, scope))
    declared = of.type if isinstance(of, Unknown) else type_of(of)
    sequence = declared.kind in ("list", "set", "tuple")
    if is_null(of):
        if sequence:
            detail = "This value is null, and `*` goes over the elements of a sequence."
            raise SpanError("Splat of null value", detail, node.start, node.end)
        return mark((), marked)
    if isinstance(of, Unknown):
        return mark(Unknown(_unknown_splat(node, declared, scope, evaluate)), marked)
    elements = [typed_element(of, item) for item in of] if isinstance(of, tuple) else [mark(of, marked)]
    results = []
    for element in elements:
        scope.budget.spend(node)
        results.append(evaluate(node.each, scope.with_item(element)))
    if isinstance(of, (List, Set)):
        return mark(_listed(results, node, of.element, scope, evaluate), marked)
    return mark(scope.budget.admit(tuple(results), node), marked)


def _listed(results: list[Value], node: nodes.Splat, of: Type, scope: Scope, evaluate: Evaluate) -> Value:
    """The results for a list's or set's elements: they are of one type, so they are a list."""
    element = unify([type_of(result) for result in results]) if results else _each_type(node, of, scope, evaluate)
    made = tuple(results) if element is None else List(results, element)
    return scope.budget.admit(made, node)


def _each_type(node: nodes.Splat, of: Type, scope: Scope, evaluate: Evaluate) -> Type:
    return type_of(evaluate(node.each, scope.with_item(Unknown(of))))


def _unknown_splat(node: nodes.Splat, of: Type, scope: Scope, evaluate: Evaluate) -> Type:
    if of.kind in ("list", "set"):
        return Type("list", (_each_type(node, of.element, scope, evaluate),))
    if of.kind == "tuple":
        return Type("tuple", tuple(_each_type(node, part, scope, evaluate) for part in of.parts))
    if of != ANY:
        # It may turn out to be null, which gives no element; what is wrong with its only one is told even so.
        _each_type(node, of, scope, evaluate)
    return ANY


def _tuple(node: nodes.For, rounds: Iterator[Scope], evaluate: Evaluate) -> Value:
    return tuple([evaluate(node.value, inner) for inner in rounds])


def _object(
    node: nodes.For, key_node: nodes.Expression, rounds: Iterator[Scope], evaluate: Evaluate, loop: Loop
) -> Value:
    gathered: dict[str, list[Value]] = {}
    for inner in rounds:
        key, marked = key_of(key_node, inner, evaluate)
        loop.sensitive = loop.sensitive or marked
        value = evaluate(node.value, inner)
        if key is None:
            loop.known = False
            continue
        if key in gathered and not node.grouped:
            which = "one sensitive key" if loop.sensitive else f"the key `{key}`"
            detail = f"Two elements produce {which}, and an object holds a key once."
            hint = "write `...` after the value to gather the values of each key in a tuple"
            raise SpanError("Duplicate object key", detail, key_node.start, key_node.end, hint=hint)
        gathered.setdefault(key, []).append(value)
    return {key: tuple(values) if node.grouped else values[0] for key, values in sorted(gathered.items())}


def _is_unknown_collection(collection: Value) -> bool:
    return isinstance(collection, Unknown) and collection.type.kind not in PRIMITIVES


def _pairs(node: ForNode, collection: Value, scope: Scope, evaluate: Evaluate) -> Iterator[tuple[Value, Value]]:
    if isinstance(collection, Set):
        return ((item, item) for item in (typed_element(collection, item) for item in collection))
    if isinstance(collection, tuple):
        return ((counted(number), typed_element(collection, item)) for number, item in enumerate(collection))
    if isinstance(collection, Mapping):
        return ((key, typed_element(collection, collection[key])) for key in sorted(collection))
    detail = f"`for` goes over lists, sets, maps, tuples and objects, and this is {named(collection)}."
    refused = RefusedError("Iteration over non-iterable value", detail)
    raise told(refused, node.collection, [node.collection], scope, evaluate)


def _holds(condition: nodes.Expression, inner: Scope, evaluate: Evaluate, loop: Loop) -> bool:
    value = evaluate(condition, inner)
    loop.sensitive = loop.sensitive or is_sensitive(value)
    with ToldAt(condition, inner, evaluate):
        bare, _ = unmark(value)
        if isinstance(bare, Unknown) and not possible(bare.type, BOOL):
            raise RefusedError(_CONDITION, f"The condition is {named(bare)}, and a bool is wanted here.")
        holds = truth(value, _CONDITION, "The condition")
    loop.known = loop.known and holds is not None
    return bool(holds)
