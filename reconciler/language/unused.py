"""Variables and local values that nothing refers to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.language import nodes
from reconciler.language.declaration import Declaration
from reconciler.language.declared import Declared
from reconciler.language.graph import Edges
from reconciler.model.diagnostic import Diagnostic, Diagnostics
from reconciler.model.pattern import lazy_pattern

_REFERENCE = lazy_pattern(r"\b(?P<root>var|local)[ \t]*\.[ \t]*(?P<label>[^\W\d][\w-]*)")


def check_unused(declared: Declared, edges: Edges, sources: Mapping[str, str], problems: Diagnostics) -> None:
    """Add a warning for each; what only a variable's own validation looks at is not used.

    Where something is wrong it may be that which uses them, so then it is enough that they are named anywhere.
    """
    used = {
        edge.target for source, several in edges.items() for edge in several if source != f"validation of {edge.target}"
    }
    if problems.failed:
        used.update(_named(declared, sources))
        used.update(found.group() for item in problems for found in _REFERENCE.finditer(item.hint))
    for name, variable in declared.variables.items():
        if f"var.{name}" not in used:
            detail = f"Nothing refers to `var.{name}`, so its value decides nothing. Take the block away, or use it."
            problems.add(_warning("Unused variable", detail, variable, *variable.header_span))
    for name, local in declared.locals.items():
        if f"local.{name}" not in used and not _is_unread(local.argument):
            detail = f"Nothing refers to `local.{name}`. Take the line away, or use it."
            span = (local.argument.start, local.argument.name_end)
            problems.add(_warning("Unused local value", detail, local.declaration, *span))


def _named(declared: Declared, sources: Mapping[str, str]) -> Iterator[str]:
    for filename, text in sources.items():
        for found in _REFERENCE.finditer(text):
            variable = declared.variables.get(found["label"]) if found["root"] == "var" else None
            if variable is None or not _within(variable, filename, found.start()):
                yield f"{found['root']}.{found['label']}"


def _is_unread(argument: nodes.Argument) -> bool:
    """Whether something in it cannot be read: who has that to correct is busy enough."""
    todo: list[nodes.Node] = [argument]
    while todo:
        node = todo.pop()
        if isinstance(node, nodes.Unread):
            return True
        todo.extend(nodes.children(node))
    return False


def _within(block: Declaration, filename: str, at: int) -> bool:
    start = block.passage.offset
    return block.passage.document.filename == filename and start + block.block.start <= at < start + block.block.end


def _warning(summary: str, detail: str, block: Declaration, start: int, end: int) -> Diagnostic:
    return Diagnostic.warning(summary, detail).at(block.passage.place(start, end, block.context))
