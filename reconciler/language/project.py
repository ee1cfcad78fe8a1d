"""A project's objects, and the values of those that have been asked for; each is worked out once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import cast

from reconciler.language import nodes
from reconciler.language.declaration import Declaration, ElsewhereError
from reconciler.language.declared import MANAGED, Declared
from reconciler.language.definition.environment import Described
from reconciler.language.expansion import REPETITIONS, SINGLE, WRONG, Expansion, exclusive, expand
from reconciler.language.expression import evaluate
from reconciler.language.failures import failures
from reconciler.language.files import Files
from reconciler.language.filled import Shared
from reconciler.language.graph import Edge, Edges, Order
from reconciler.language.lookups import PATHS, UNSURE, Context, Lookups
from reconciler.language.scope import Scope, Steps
from reconciler.language.span import FollowingError, SpanError
from reconciler.language.traversals import Reference
from reconciler.language.value import UNKNOWN, Value
from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostic, Diagnostics
from reconciler.model.frozen import dataclass

Known = Mapping[str, object]

LOCAL = "local."
REPETITION = "#"
NOT_KNOWN = "Environment not known yet"

ANYWHERE = Context()
_MANAGED = tuple(f"{type_}." for type_ in MANAGED)
_ROOTS = ("var", "local", "base_image", "environment", "data", "path", "envform", "each", "count", "self")


class _Undecided(Mapping[str, object]):
    """All environments, none of which is known yet."""

    def __getitem__(self, address: str) -> object:
        return UNKNOWN

    def __contains__(self, address: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


UNDECIDED = _Undecided()


@dataclass(slots=True)
class Project:
    """Everything that expressions can refer to. What is wrong while it is prepared is added to the problems.

    Values are kept with what was known when they were made, so threads that ask at the same time do no harm.
    """

    declared: Declared
    variables: dict[str, Value]
    edges: Edges
    order: Order
    files: Files | None
    problems: Diagnostics
    workspace: Value = UNKNOWN
    _expansions: dict[str, Expansion] = field(default_factory=dict)
    _kept: dict[str, tuple[Sequence[object], Value]] = field(default_factory=dict)
    _needed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _addresses: dict[str, tuple[Address, ...]] = field(default_factory=dict)
    _undecided: dict[str, Value] = field(default_factory=dict)
    worked: dict[str, Declaration] = field(default_factory=dict)
    shared: dict[str, Shared] = field(default_factory=dict)
    described: dict[tuple[Hashable, ...], tuple[Described, tuple[Diagnostic, ...]]] = field(default_factory=dict)

    def prepare(self, target: str) -> None:
        """Work out a local value, or how many instances a block has; to be called in the order of the graph."""
        if target.startswith(LOCAL):
            self.local(target.removeprefix(LOCAL), UNDECIDED)
        elif target in self.declared.blocks:
            circular = target in self.order.circular
            self._expansions[target] = WRONG if circular else self._expanded(target)

    def scope(self, known: Known, names: Mapping[str, Value] | None = None, context: Context = ANYWHERE) -> Scope:
        """What names mean where this much is known of environments and data."""
        roots = dict.fromkeys(_ROOTS, _Roots(self, known, context))
        return Scope(roots=roots, names=names or {}, files=self.files)

    def local(self, name: str, known: Known) -> Value:
        """A local value; those that it stands on first, so that long chains are no deep recursion."""
        todo = [LOCAL + name]
        while True:
            key = todo[-1]
            waiting = [
                edge.target
                for edge in self.edges.get(key, ())
                if edge.target.startswith(LOCAL) and self._kept_value(edge.target, known) is None
            ]
            if self._kept_value(key, known) is None and waiting:
                todo.extend(waiting)
                continue
            value = self._local(key, known)
            todo.pop()
            if not todo:
                return value

    def _local(self, key: str, known: Known) -> Value:
        local = self.declared.locals[key.removeprefix(LOCAL)]
        return self._value(key, local.argument.value, local.declaration, known)

    def _value(self, key: str, node: nodes.Expression, declaration: Declaration, known: Known) -> Value:
        kept = self._kept_value(key, known)
        if kept is not None:
            return kept[1]
        try:
            value = evaluate(node, self.scope(known))
        except ElsewhereError:
            raise
        except SpanError as error:
            if self.needed(key) and known is not UNDECIDED:
                raise ElsewhereError(error, declaration) from None
            # Told once; whoever stands on it has no mistake of his own.
            declaration.report_all(failures(node, self.scope(known), error), self.problems)
            value = UNKNOWN
        self._kept[key] = (self._seen(key, known), value)
        return value

    def _kept_value(self, key: str, known: Known) -> tuple[Sequence[object], Value] | None:
        if key in self.order.circular:
            return (), UNKNOWN  # that was told
        kept = self._kept.get(key)
        if kept is None:
            return None
        seen = self._seen(key, known)
        return kept if len(seen) == len(kept[0]) and all(map(_is, seen, kept[0])) else None

    def _seen(self, key: str, known: Known) -> list[object]:
        return [known.get(address) for address in self.needed(key)]

    def _expanded(self, target: str) -> Expansion:
        block = self.declared.blocks[target]
        given = [name for name in REPETITIONS if name in block.arguments]
        found = []
        for name in given:
            node = block.arguments[name].value
            scope = self.scope(UNDECIDED, context=Context(own=target))
            try:
                found.append(expand(name, node, scope))
            except SpanError as error:
                block.report_all(failures(node, scope, error), self.problems)
        if len(given) > 1:
            block.report(exclusive(block.arguments["count"]), self.problems)
            return WRONG
        return found[0] if found else WRONG if given else SINGLE

    def expansion(self, target: str) -> Expansion:
        """How many instances a block has."""
        return self._expansions.get(target, SINGLE)

    def names(self, target: str, key: str | int | None, known: Known = UNDECIDED) -> Mapping[str, Value]:
        """What `each` and `count` are in an instance of a block."""
        expansion = self.expansion(target)
        if expansion.kind not in ("each", "count"):
            return {}
        instance = expansion.instances[key]
        if expansion.kind == "each" and self.needed(target + REPETITION):
            block = self.declared.blocks[target]
            elements = self._value(target + REPETITION, block.arguments["for_each"].value, block, known)
            if isinstance(elements, Mapping) and key in elements:
                instance = {"key": key, "value": elements[cast(str, key)]}
        return {expansion.kind: instance}

    def needed(self, key: str) -> tuple[str, ...]:
        """The addresses of environments and data that an object stands on, through local values too."""
        if key not in self._needed:
            found: dict[str, None] = {}
            for edge in self.edges.get(key, ()) if key not in self.order.circular else ():
                through = self.needed if edge.target.startswith(LOCAL) else self.instances
                found.update(dict.fromkeys(through(edge.target)))
            self._needed[key] = tuple(found)
        return self._needed[key]

    def instances(self, target: str) -> tuple[Address, ...]:
        """The addresses that an object stands for: one, or one for each of its instances."""
        if target.startswith(_MANAGED):
            if target in self._addresses:
                return self._addresses[target]
            found = self.expansion(target).addresses(target)
            if target in self._expansions:
                self._addresses[target] = found
            return found
        return (Address(target),) if target.startswith("data.") else ()

    def gathered(self, target: str, known: Known) -> Value:
        """What a block is to others; None where it is not known."""
        expansion = self.expansion(target)
        if expansion.kind == "wrong":
            return UNKNOWN
        if expansion.kind == "single":
            return cast(Value, known.get(target))
        if known is not UNDECIDED:
            return expansion.gathered(self.instances(target), known)
        # Each of a thousand instances may refer to one of another thousand.
        if target not in self._undecided:
            self._undecided[target] = expansion.gathered(self.instances(target), known)
        return self._undecided[target]

    def meant(self, edge: Edge, names: Mapping[str, Value]) -> tuple[str, ...]:
        """The instances that a reference means, where that can be told before anything is known."""
        everything = self.instances(edge.target)
        if edge.key is None or len(everything) < 2:
            return everything
        try:
            key = evaluate(edge.key, self.scope(UNDECIDED, names))
        except SpanError:
            return everything
        if isinstance(key, (str, int)) and key in self.expansion(edge.target).instances:
            return (Address.instance(edge.target, key),)
        return everything


def _is(one: object, other: object) -> bool:
    return one is other


@dataclass(frozen=True, slots=True)
class _Roots:
    """Every root of references, by its name."""

    project: Project
    known: Known
    context: Context

    def resolve(self, name: nodes.Name, steps: Steps) -> tuple[Value, int]:
        """The value after the first steps, and how many steps that took; SpanError where there is none."""
        project = self.project
        if self.context.own and name.name in REPETITIONS.values():
            raise FollowingError(name)  # each use was told, or the first of many
        target = Lookups(project.declared).target(Reference(name, tuple(steps)), self.context)
        if target == UNSURE:
            return UNKNOWN, len(steps)
        label = target.rpartition(".")[2]
        if name.name == "var":
            return project.variables[label], 1
        if name.name == "local":
            return project.local(label, self.known), 1
        if name.name == "path":
            return PATHS, 0
        if name.name == "envform":
            return {"workspace": project.workspace}, 0
        return self._block(target, name, steps[0] if name.name in MANAGED else steps[1])

    def waits(self, reference: Reference) -> bool:
        """Whether a value behind it may become known later; else it is unknown because something is wrong."""
        project, root = self.project, reference.name.name
        if root in ("each", "count"):
            return bool(project.needed(self.context.own + REPETITION))
        if root == "self":
            return True
        try:
            target = Lookups(project.declared).target(reference, self.context)
        except SpanError:
            return False
        return bool(project.needed(target) if target.startswith(LOCAL) else project.instances(target))

    def _block(self, target: str, name: nodes.Name, last: nodes.Node) -> tuple[Value, int]:
        taken = target.count(".")
        if target.startswith("data."):
            value = self.known.get(target)
        elif target in self.project.order.circular:
            value = UNKNOWN
        else:
            value = self.project.gathered(target, self.known)
        if value is None:
            detail = f"`{target}` is declared, but its values are not known while this block is evaluated."
            raise SpanError(NOT_KNOWN, detail, name.start, last.end)
        return cast(Value, value), taken
