"""The free names of expressions: what an expression refers to, before anything is evaluated."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.language import nodes
from reconciler.language.declaration import Declaration, Dynamic
from reconciler.model.frozen import dataclass

_NOTHING = frozenset[str]()
_PLAIN = (nodes.Literal, nodes.Number, nodes.Item)


@dataclass(frozen=True, slots=True)
class Reference:
    """A name that no loop binds, and the steps after it."""

    name: nodes.Name
    steps: tuple[nodes.Attribute | nodes.Index, ...] = ()

    @property
    def end(self) -> int:
        """Where the second word of it ends: `var.region` and not all of `var.region.name`."""
        return self.steps[0].end if self.steps else self.name.end


def traversal(node: nodes.Node) -> Reference | None:
    """A name with steps, as one; None for any other expression."""
    steps: list[nodes.Attribute | nodes.Index] = []
    while isinstance(node, (nodes.Attribute, nodes.Index)):
        steps.append(node)
        node = node.of
    return Reference(node, tuple(reversed(steps))) if isinstance(node, nodes.Name) else None


def references(expression: nodes.Node, bound: frozenset[str] = _NOTHING) -> Iterator[Reference]:
    """All free names of an expression, in no certain order; `bound` are names that mean something else here."""
    todo: list[tuple[nodes.Node, frozenset[str]]] = [(expression, bound)]
    while todo:
        node, inside = todo.pop()
        if isinstance(node, _PLAIN):
            continue
        if isinstance(node, (nodes.Name, nodes.Attribute, nodes.Index)):
            found = traversal(node)
            if found is None:
                todo.extend((child, inside) for child in nodes.children(node))
                continue
            todo.extend((step.key, inside) for step in found.steps if isinstance(step, nodes.Index))
            if found.name.name not in inside:
                yield found
        elif isinstance(node, (nodes.For, nodes.TemplateFor)):
            todo.append((node.collection, inside))
            within = inside | {name.name for name in node.names}
            parts = (node.body,) if isinstance(node, nodes.TemplateFor) else (node.key, node.value, node.condition)
            todo.extend((part, within) for part in parts if part is not None)
        else:
            todo.extend((child, inside) for child in nodes.children(node))


def block_references(
    declaration: Declaration, bound: frozenset[str] = _NOTHING, *, without: frozenset[str] = _NOTHING
) -> Iterator[Reference]:
    """All free names of a block and of those inside it, but for the arguments and blocks named by `without`."""
    for name, argument in declaration.arguments.items():
        if name not in without:
            yield from references(argument.value, bound)
    for type_, several in declaration.blocks.items():
        for inner in several if type_ not in without else ():
            if isinstance(inner, Declaration):
                yield from block_references(inner, bound)
            else:
                yield from _dynamic_references(inner, bound)


def _dynamic_references(dynamic: Dynamic, bound: frozenset[str]) -> Iterator[Reference]:
    within = bound | {dynamic.iterator}
    yield from references(dynamic.for_each, bound)
    if dynamic.labels is not None:
        yield from references(dynamic.labels, within)
    yield from block_references(dynamic.content, within)
