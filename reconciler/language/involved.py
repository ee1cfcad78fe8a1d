"""The values behind the names of a failed expression, for the reader of its diagnostic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType

from reconciler.language import nodes
from reconciler.language.nodes import Expression
from reconciler.language.scope import Evaluate, Scope
from reconciler.language.span import RefusedError, SpanError
from reconciler.language.value import Value, shown

_MOST = 8


def involved(parts: Sequence[nodes.Node], evaluate: Callable[[Expression], Value]) -> list[tuple[str, str]]:
    """Each traversal in these parts that has a value, as written, and a statement on its value."""
    found: dict[str, str] = {}
    todo = [*reversed(parts)]
    while todo and len(found) < _MOST:
        part = todo.pop()
        text = _spelled(part)
        if text is None:
            todo.extend(reversed(nodes.children(part)))
        elif text not in found and isinstance(part, (nodes.Name, nodes.Attribute, nodes.Index)):
            try:
                found[text] = f"is {shown(evaluate(part))}"
            except SpanError:
                todo.extend(nodes.children(part))
    return list(found.items())


def told(
    refused: RefusedError, node: nodes.Node, parts: Sequence[nodes.Node], scope: Scope, evaluate: Evaluate
) -> SpanError:
    """The refusal at a node, with the values behind the names in some parts."""
    values = involved(parts, lambda part: evaluate(part, scope))
    return SpanError(refused.summary, refused.detail, node.start, node.end, hint=refused.hint, values=values)


class ToldAt:
    """What is refused inside is told at the node, with the values behind the names in it."""

    # Not a generator with `contextmanager`, which costs more than most of what stands inside.
    __slots__ = ("evaluate", "node", "scope")

    def __init__(self, node: nodes.Node, scope: Scope, evaluate: Evaluate) -> None:
        self.node = node
        self.scope = scope
        self.evaluate = evaluate

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        if isinstance(error, RefusedError):
            raise told(error, self.node, [self.node], self.scope, self.evaluate) from None


def _spelled(node: nodes.Node) -> str | None:
    """A traversal of names and constant keys as it is written; None for everything else."""
    steps: list[str] = []
    while isinstance(node, (nodes.Attribute, nodes.Index)):
        if isinstance(node, nodes.Attribute):
            steps.append(f".{node.name}")
        elif isinstance(node.key, nodes.Number):
            steps.append(f"[{node.key.text}]")
        elif isinstance(node.key, nodes.Literal):
            steps.append(f"[{shown(node.key.value)}]")
        else:
            return None
        node = node.of
    return node.name + "".join(reversed(steps)) if isinstance(node, nodes.Name) else None
