"""No two environments may have one name: it is what they are published under."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.language.declaration import Declaration
from reconciler.language.expression import evaluate
from reconciler.language.instances import Instance
from reconciler.language.project import UNDECIDED, Project
from reconciler.language.rules import check_name
from reconciler.language.span import SpanError
from reconciler.language.value import is_known, is_null, to_text, unmark
from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostics


def check_names(project: Project, instances: Mapping[Address, Instance], problems: Diagnostics) -> None:
    """Add a problem for each block in which a name is that of another environment already."""
    holders: dict[str, Address] = {}
    told: set[str] = set()
    for address, instance in instances.items():
        name = declared_name(project, instance)
        first = holders.setdefault(name, address) if name is not None else address
        if first != address and instance.block not in told:
            told.add(instance.block)
            block, other = (project.declared.blocks[instances[one].block] for one in (address, first))
            place = other.passage.range(*_span(other))
            detail = (
                f"The name `{name}` is that of `{first}` already, at {place.filename}:{place.start.line}. "
                "Environments are published under their names, so each needs its own."
            )
            part = "${count.index}" if "count" in block.arguments else "${each.key}"
            hint = f"each instance needs a name of its own: put `{part}` into it" if block is other else ""
            block.report(SpanError("Duplicate environment name", detail, *_span(block), hint=hint), problems)


def declared_name(project: Project, instance: Instance) -> str | None:
    """The name, where it can be told without evaluating other environments."""
    argument = project.declared.blocks[instance.block].arguments.get("name")
    if argument is None:
        return instance.default_name
    try:
        scope = project.scope(UNDECIDED, project.names(instance.block, instance.key))
        value, sensitive = unmark(evaluate(argument.value, scope))
    except SpanError:
        return None
    if sensitive:
        return None  # that is told where the block is looked at
    name = instance.default_name if is_null(value) else to_text(value) if is_known(value) else None
    return name if name is None or check_name(name) is None else None


def _span(declaration: Declaration) -> tuple[int, int]:
    argument = declaration.arguments.get("name")
    if argument is not None:
        return argument.value.start, argument.value.end
    return declaration.header_span
