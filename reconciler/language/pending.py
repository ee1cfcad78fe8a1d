"""What can be declared and nobody acts on yet. Whoever makes it work takes its line away."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.language.declaration import Declaration
from reconciler.language.declared import Declared
from reconciler.model.diagnostic import Diagnostic, Diagnostics

_ERROR = (
    "This version of envform reads {what} and cannot act on it, so it stops before anything happens that you did "
    "not mean. Take it out of the configuration for now."
)
_WARNING = "This version of envform checks {what} and does not act on it yet."


def check_pending(declared: Declared, problems: Diagnostics) -> None:
    """Say what would otherwise be ignored in silence."""
    for what, block in _errors(declared):
        problems.add(_told(Diagnostic.error("Not supported yet", _ERROR.format(what=what)), block))
    for what, block in _warnings(declared):
        problems.add(_told(Diagnostic.warning("Not supported yet", _WARNING.format(what=what)), block))


def _errors(declared: Declared) -> Iterator[tuple[str, Declaration]]:
    yield from (("a `moved` block", block) for block in declared.moved)
    yield from (("a `removed` block", block) for block in declared.removed)
    yield from (("an `import` block", block) for block in declared.imports)
    yield from (
        ("data of another registry", block) for block in declared.data.values() if "registry" in block.arguments
    )
    yield from (("a `backend` block", inner) for block in declared.settings for inner in block.nested("backend"))
    for block in declared.blocks.values():
        for lifecycle in block.nested("lifecycle"):
            if "replace_triggered_by" in lifecycle.arguments:
                yield "`replace_triggered_by`", lifecycle


def _warnings(declared: Declared) -> Iterator[tuple[str, Declaration]]:
    yield from (("an `output`", block) for block in declared.outputs.values())


def _told(diagnostic: Diagnostic, block: Declaration) -> Diagnostic:
    return diagnostic.at(block.passage.place(*block.header_span, block.context))
