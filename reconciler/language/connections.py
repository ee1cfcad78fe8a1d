"""Goes over all expressions of a project and tells which objects refer to which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from reconciler.language import nodes
from reconciler.language.declaration import Declaration
from reconciler.language.declared import Declared
from reconciler.language.expansion import REPETITIONS
from reconciler.language.graph import Edge, Edges
from reconciler.language.lookups import ROOTS, UNSURE, Context, Lookups
from reconciler.language.project import REPETITION
from reconciler.language.span import SpanError
from reconciler.language.traversals import Reference, block_references, references, traversal
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.frozen import dataclass

_NOT_REFERENCES = frozenset({"type", "default", "from", "to"})
_APART = frozenset({*REPETITIONS, "lifecycle"})

Found = Iterable[tuple[Reference, Context]]


def connect(declared: Declared, problems: Diagnostics) -> Edges:
    """For each object the references from it; those that mean nothing are problems.

    A variable's validations stand under a name of their own, for they do not decide its value.
    """
    connections = _Connections(Lookups(declared), problems)
    edges: dict[str, list[Edge]] = {}
    for name, local in declared.locals.items():
        plain = ((found, Context()) for found in references(local.argument.value))
        edges[f"local.{name}"] = connections.edges(f"local.{name}", local.declaration, plain)
    for address, block in declared.blocks.items():
        repeated = connections.edges(address, block, _repetition(address, block))
        edges[address] = [*repeated, *connections.edges(address, block, _environment(address, block))]
        edges[address + REPETITION] = [replace(edge, source=address + REPETITION) for edge in repeated]
    for settings in declared.settings:
        early = ((found, Context(settings=True)) for found in block_references(settings))
        edges["envform"] = connections.edges("envform", settings, early)
    for source, block in declared.others:
        plain = ((found, Context()) for found in block_references(block, without=_NOT_REFERENCES))
        edges[source] = connections.edges(source, block, plain)
    return edges


@dataclass(frozen=True, slots=True)
class _Connections:
    lookups: Lookups
    problems: Diagnostics

    def edges(self, source: str, declaration: Declaration, found: Found) -> list[Edge]:
        made, misplaced = [], set[str]()
        for reference, context in found:
            root = reference.name.name
            try:
                target = self.lookups.target(reference, context)
            except SpanError as error:
                # Whoever has forgotten `for_each` has made one mistake, however often he says `each`.
                if root not in misplaced:
                    declaration.report(error, self.problems)
                if root in REPETITIONS.values() and root not in context.names:
                    misplaced.add(root)
                continue
            if target and target != UNSURE:
                span = (reference.name.start, reference.end)
                made.append(Edge(source, target, declaration, *span, _key(reference)))
        return made


def _key(reference: Reference) -> nodes.Expression | None:
    """What stands in brackets directly after `environment.LABEL`."""
    step = reference.steps[1] if len(reference.steps) > 1 else None
    return step.key if isinstance(step, nodes.Index) else None


def _repetition(address: str, block: Declaration) -> Iterator[tuple[Reference, Context]]:
    context = Context(own=address)
    for name in REPETITIONS:
        if name in block.arguments:
            yield from ((found, context) for found in references(block.arguments[name].value))


def _environment(address: str, block: Declaration) -> Iterator[tuple[Reference, Context]]:
    names = frozenset(REPETITIONS[name] for name in REPETITIONS if name in block.arguments)
    context = Context(names, address)
    for found in block_references(block, without=_APART):
        yield found, context
    finished = replace(context, names=names | {"self"})
    for lifecycle in block.nested("lifecycle"):
        for found in _lifecycle(lifecycle):
            yield found, context
        for rule in lifecycle.nested("postcondition"):
            yield from ((found, finished) for found in block_references(rule))


def _lifecycle(block: Declaration) -> Iterator[Reference]:
    if ignored := block.arguments.get("ignore_changes"):
        for element in ignored_elements(ignored.value):
            yield from references(element)
    yield from block_references(block, without=frozenset({"ignore_changes", "postcondition"}))


def ignored_elements(node: nodes.Expression) -> Iterator[nodes.Expression]:
    """Those parts of `ignore_changes` that are evaluated, and do not name an argument, or what is taken for one."""
    parts = node.items if isinstance(node, nodes.Tuple) else (node,)
    for part in parts:
        found = traversal(part)
        if found is None or found.name.name in ROOTS:
            yield part
