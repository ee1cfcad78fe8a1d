"""Blocks with many instances: what is the same in all of them is worked out once, down to parts of expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple, cast

from reconciler.language import nodes
from reconciler.language.declaration import Declaration, Dynamic
from reconciler.language.expression import evaluate
from reconciler.language.nodes import Expression
from reconciler.language.schema import Wanted
from reconciler.language.scope import Scope
from reconciler.language.span import SpanError
from reconciler.language.traversals import Reference, references
from reconciler.language.value import Value, is_wholly_known

Names = frozenset[str]

_NO_NAMES: Names = frozenset()
_INSTANCE: Names = frozenset({"each instance"})
_READY = (nodes.Literal, nodes.Worked)
# Evaluated like any other value, though their rules call them expressions: what a `precondition` is made of.
_CONDITIONS = ("condition", "error_message")


class _Part(NamedTuple):
    """An expression as it stands, the same with its parts worked out, and the names that its value varies with.

    What varies with nothing is left as it stands: it will be worked out itself, or be part of something that is.
    """

    node: Expression
    made: Expression
    free: Names


class Workshop:
    """Works out what does not vary. What is wrong or unknown is left as it stands: whoever evaluates it tells."""

    def __init__(self, scope: Scope, varies: Callable[[Reference], bool]) -> None:
        self._scope = scope
        self._varies = varies

    def declaration(self, block: Declaration, bound: Names = _NO_NAMES) -> Declaration:
        """The same block, with the same arguments and a shorter way to their values."""
        worked = {
            name: self._done(self._part(argument.value, bound))
            for name, argument in block.arguments.items()
            if name in _CONDITIONS or ((rule := block.rule.argument(name)) and rule.wanted is not Wanted.EXPRESSION)
        }
        inner = {type_: tuple([self._inner(one, bound) for one in some]) for type_, some in block.blocks.items()}
        return replace(block, worked=worked, blocks=inner)

    def _inner(self, one: Declaration | Dynamic, bound: Names) -> Declaration | Dynamic:
        if isinstance(one, Declaration):
            return self.declaration(one, bound)
        return replace(one, content=self.declaration(one.content, bound | {one.iterator}))

    def _done(self, part: _Part) -> Expression:
        """What stands for a part in something that varies."""
        if part.free or isinstance(part.node, _READY):
            return part.made
        scope = self._scope.renewed()
        try:
            value = evaluate(part.node, scope)
        except SpanError:
            return part.node
        if not is_wholly_known(value):
            return part.node
        return nodes.Worked(part.node.start, part.node.end, value, scope.budget.elements, scope.budget.characters)

    def _part(self, node: Expression, bound: Names) -> _Part:
        """An expression inside of loops whose names are bound."""
        if isinstance(node, (nodes.Name, nodes.Attribute, nodes.Index)):
            return self._traversal(node, bound)
        if isinstance(node, nodes.Binary):
            return self._chain(node, bound)
        if isinstance(node, (nodes.For, nodes.TemplateFor)):
            return self._loop(node, bound)
        if isinstance(node, nodes.Splat):
            of = self._part(node.of, bound)
            free = of.free | self._names(node.each, bound)
            return _Part(node, replace(node, of=self._done(of)) if free else node, free)
        if isinstance(node, nodes.Call) and node.name.endswith("templatestring"):
            return _Part(node, node, self._names(node, bound))  # it looks at how its arguments are written
        parts = [self._part(one, bound) for one in cast(list[Expression], nodes.children(node))]
        free = _joined(parts)
        return _Part(node, _with_children(node, map(self._done, parts)) if free else node, free)

    def _traversal(self, node: Expression, bound: Names) -> _Part:
        """A base with steps. In `local.sizes[each.key].large` it is `local.sizes` that can be worked out."""
        base, steps = _taken_apart(node)
        if isinstance(base, nodes.Name):
            root = _Part(base, base, self._means(Reference(base, tuple(steps)), bound))
        else:
            root = self._part(base, bound)
        keys = [self._part(step.key, bound) if isinstance(step, nodes.Index) else None for step in steps]
        free = _joined([root, *filter(None, keys)])
        if not free:
            return _Part(node, node, free)
        same, made = 0, root.made
        if not root.free:
            same = next(number for number, key in enumerate(keys) if key and key.free)
            before = steps[same - 1] if same else base
            made = self._done(_Part(before, before, root.free))
        for step, key in zip(steps[same:], keys[same:], strict=True):
            if isinstance(step, nodes.Index) and key:
                made = nodes.Index(step.start, step.end, made, self._done(key))
            elif isinstance(step, nodes.Attribute):
                made = nodes.Attribute(step.start, step.end, made, step.name)
        return _Part(node, made, free)

    def _chain(self, node: nodes.Binary, bound: Names) -> _Part:
        """Operators in a row, from the first one on: there may be thousands."""
        row: list[nodes.Binary] = []
        first: Expression = node
        while isinstance(first, nodes.Binary):
            row.append(first)
            first = first.left
        left = self._part(first, bound)
        for one in reversed(row):
            right = self._part(one.right, bound)
            free, made = left.free | right.free, one
            if free:
                made = nodes.Binary(one.start, one.end, one.operator, self._done(left), self._done(right))
            left = _Part(one, made, free)
        return left

    def _loop(self, node: nodes.For | nodes.TemplateFor, bound: Names) -> _Part:
        names = frozenset(name.name for name in node.names)
        collection = self._part(node.collection, bound)
        if isinstance(node, nodes.TemplateFor):
            # The body stays a template, which is what `evaluate` takes it for.
            body = self._part(node.body, bound | names)
            free = collection.free | (body.free - names)
            made: Expression = (
                replace(node, collection=self._done(collection), body=cast(nodes.Template, body.made)) if free else node
            )
            return _Part(node, made, free)
        inside = {
            field: self._part(part, bound | names)
            for field, part in (("key", node.key), ("value", node.value), ("condition", node.condition))
            if part is not None
        }
        free = collection.free | (_joined(inside.values()) - names)
        if not free:
            return _Part(node, node, free)
        done: dict[str, Any] = {field: self._done(part) for field, part in inside.items()}
        return _Part(node, replace(node, collection=self._done(collection), **done), free)

    def _names(self, node: nodes.Node, bound: Names) -> Names:
        return _NO_NAMES.union(*[self._means(found, bound) for found in references(node)])

    def _means(self, found: Reference, bound: Names) -> Names:
        name = found.name.name
        if name in bound:
            return frozenset({name})
        return _INSTANCE if self._varies(found) else _NO_NAMES


def value_of(declaration: Declaration, argument: nodes.Argument, scope: Scope) -> Value:
    """The value of an argument; a mistake is told of the expression as it was written, with all names in it."""
    worked = declaration.worked.get(argument.name)
    if worked is not None:
        with suppress(SpanError):
            return evaluate(worked, scope.renewed())
    return evaluate(argument.value, scope.renewed())


def _joined(parts: Iterable[_Part]) -> Names:
    return _NO_NAMES.union(*[part.free for part in parts])


def _taken_apart(node: Expression) -> tuple[Expression, Sequence[nodes.Attribute | nodes.Index]]:
    steps: list[nodes.Attribute | nodes.Index] = []
    while isinstance(node, (nodes.Attribute, nodes.Index)):
        steps.append(node)
        node = node.of
    return node, steps[::-1]


def _with_children(node: Expression, children: Iterator[Expression]) -> Expression:
    """The same kind of node with other nodes directly under it, in the order of `nodes.children`."""
    fields = {name: _with(getattr(node, name), children) for name in type(node).__slots__}
    return replace(node, **fields)


def _with(value: Any, children: Iterator[Expression]) -> Any:
    if isinstance(value, tuple):
        return tuple([_with(one, children) for one in value])
    return next(children) if isinstance(value, nodes.Node) else value
