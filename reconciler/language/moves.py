"""`moved`, `removed` and `import`: what becomes of addresses in the state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.language.declaration import Declaration
from reconciler.language.filled import fill
from reconciler.language.project import UNDECIDED, Project
from reconciler.language.scope import Scope
from reconciler.language.span import SpanError
from reconciler.language.targets import target
from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostic, Diagnostics, Place
from reconciler.model.intent import Import, Move, Removal


def read_moves(project: Project, problems: Diagnostics) -> tuple[Move, ...]:
    """All `moved` blocks, in the order of the files."""
    moves: dict[Address, Move] = {}
    for block in project.declared.moved:
        source, to = _address(block, "from", problems), _address(block, "to", problems)
        if source is None or to is None:
            continue
        move = Move(source, to, _place(block))
        if source == to:
            _report(block, "to", "Redundant move statement", f"`{source}` would move to where it is.", problems)
        elif source in moves:
            detail = f"`{source}` moves to `{moves[source].target}` already, by another block. It can move once."
            _report(block, "from", "Ambiguous move statements", detail, problems)
        else:
            moves[source] = move
    for move in moves.values():
        _check_circle(move, moves, problems)
    return tuple(moves.values())


def _check_circle(move: Move, moves: Mapping[Address, Move], problems: Diagnostics) -> None:
    at, seen = move.target, {move.source}
    while at in moves and at not in seen:
        seen.add(at)
        at = moves[at].target
    if at == move.source and move.source == min(seen):
        detail = f"The moves lead from `{move.source}` round to itself, so nobody can tell where it ends."
        problems.add(Diagnostic.error("Cyclic dependency in move statements", detail).at(move.place))


def read_removals(project: Project, problems: Diagnostics) -> tuple[Removal, ...]:
    """All `removed` blocks; what they name must really be gone from the configuration."""
    return tuple(_removals(project, problems))


def _removals(project: Project, problems: Diagnostics) -> Iterator[Removal]:
    for block in project.declared.removed:
        address = _address(block, "from", problems)
        filled = fill(block, Scope(), problems)
        lifecycle = filled.block("lifecycle")
        if address is None:
            continue
        if address in project.declared.blocks or address in _instances(project):
            where = project.declared.blocks[address.block].where
            detail = f"`{address}` is still declared, at {where}. Take that block away, or this one."
            _report(block, "from", "Removed environment still exists", detail, problems)
        else:
            destroy = lifecycle is None or lifecycle.flag("destroy") is not False
            yield Removal(address, destroy, _place(block))


def read_imports(project: Project, problems: Diagnostics) -> tuple[Import, ...]:
    """All `import` blocks; each is for a declared address."""
    imports: dict[Address, Import] = {}
    for block in project.declared.imports:
        to = _address(block, "to", problems)
        id_ = fill(block, project.scope(UNDECIDED), problems).text("id")
        if to is None or id_ is None:
            continue
        if not _may_exist(project, to):
            detail = f"There is no `{to}` in this configuration, so there is nothing that it could be imported to."
            _report(block, "to", "Configuration for import target does not exist", detail, problems)
        elif to in imports:
            _report(block, "to", "Duplicate import configuration", f"`{to}` is imported to already.", problems)
        else:
            imports[to] = Import(to, id_, _place(block))
    return tuple(imports.values())


def _may_exist(project: Project, address: Address) -> bool:
    """Whether an address is declared; while a project is wrong that may be unclear."""
    block = address.block
    if project.expansion(block).kind == "wrong" or address.kind in project.declared.unsure:
        return True
    return address in _instances(project)


def _instances(project: Project) -> set[str]:
    return {address for block in project.declared.blocks for address in project.instances(block)}


def _address(block: Declaration, name: str, problems: Diagnostics) -> Address | None:
    argument = block.arguments.get(name)
    if argument is None:
        return None
    try:
        found = target(argument.value, Scope())
    except SpanError as error:
        block.report(error, problems)
        return None
    if found.block.startswith("data."):
        _report(
            block, name, "Invalid reference", "Only environments are kept in the state, and this is data.", problems
        )
        return None
    return found.address


def _report(block: Declaration, name: str, summary: str, detail: str, problems: Diagnostics) -> None:
    node = block.arguments[name].value
    block.report(SpanError(summary, detail, node.start, node.end), problems)


def _place(block: Declaration) -> Place:
    return block.passage.place(*block.header_span, block.context)
