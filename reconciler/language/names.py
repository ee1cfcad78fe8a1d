"""No two environments may have one name: it is what they are published under."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.language.declaration import Declaration
from reconciler.language.expression import evaluate
from reconciler.language.scope import Scope
from reconciler.language.span import SpanError
from reconciler.language.value import to_text
from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostics


def check_names(environments: Mapping[Address, Declaration], problems: Diagnostics) -> None:
    """Add a problem for each environment whose name another one has already."""
    holders: dict[str, Declaration] = {}
    for address, declaration in environments.items():
        name = _name(address, declaration)
        if name is None:
            continue
        first = holders.setdefault(name, declaration)
        if first is not declaration:
            place = first.passage.range(*_span(first))
            detail = (
                f"The name `{name}` is that of `{first.address}` already, at {place.filename}:{place.start.line}. "
                "Environments are published under their names, so each needs its own."
            )
            declaration.report(SpanError("Duplicate environment name", detail, *_span(declaration)), problems)


def _name(address: Address, declaration: Declaration) -> str | None:
    """The name, where it can be told without evaluating other environments."""
    argument = declaration.arguments.get("name")
    if argument is None:
        return address.label
    try:
        value = evaluate(argument.value, Scope())
    except SpanError:
        return None
    return address.label if value is None else to_text(value)


def _span(declaration: Declaration) -> tuple[int, int]:
    argument = declaration.arguments.get("name")
    if argument is not None:
        return argument.value.start, argument.value.end
    return declaration.block.start, declaration.block.header_end
