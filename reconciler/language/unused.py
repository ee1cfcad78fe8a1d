"""Variables and local values that nothing refers to."""

from __future__ import annotations

from reconciler.language.declaration import Declaration
from reconciler.language.declared import Declared
from reconciler.language.graph import Edges
from reconciler.model.diagnostic import Diagnostic, Diagnostics


def check_unused(declared: Declared, edges: Edges, problems: Diagnostics) -> None:
    """Add a warning for each; what only a variable's own validation looks at is not used."""
    used = {
        edge.target for source, several in edges.items() for edge in several if source != f"validation of {edge.target}"
    }
    for name, variable in declared.variables.items():
        if f"var.{name}" not in used:
            detail = f"Nothing refers to `var.{name}`, so its value decides nothing. Take the block away, or use it."
            problems.add(_warning("Unused variable", detail, variable, *variable.header_span))
    for name, local in declared.locals.items():
        if f"local.{name}" not in used:
            detail = f"Nothing refers to `local.{name}`. Take the line away, or use it."
            span = (local.argument.start, local.argument.name_end)
            problems.add(_warning("Unused local value", detail, local.declaration, *span))


def _warning(summary: str, detail: str, block: Declaration, start: int, end: int) -> Diagnostic:
    return Diagnostic.warning(summary, detail).at(block.passage.place(start, end, block.context))
