"""What the state keeps, seen from the addresses that `moved` blocks gave it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import field

from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.frozen import dataclass
from reconciler.model.intent import Move
from reconciler.model.state import Registered


@dataclass(frozen=True, slots=True)
class Resettled:
    """By address what has moved there, under the name that it was registered with; and what could not move."""

    by_address: Mapping[Address, Registered] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()


def resettle(registered: Iterable[Registered], moves: Collection[Move], declared: Collection[Address]) -> Resettled:
    """Follow all moves from where each environment was declared last."""
    if not moves:
        return Resettled()
    known = tuple(registered)
    taken = {one.address: one for one in known if not one.latest.archived}
    found: dict[Address, Registered] = {}
    warnings = []
    for one in known:
        target, move = _destination(one.address, moves)
        if move is None or target not in declared:
            continue
        if target in found or (target in taken and taken[target] is not one):
            occupant = found.get(target) or taken[target]
            warnings.append(_occupied(move, one, target, occupant))
        else:
            found[target] = one
    return Resettled(found, tuple(warnings))


def _destination(address: Address, moves: Collection[Move]) -> tuple[Address, Move | None]:
    """Where the moves lead; a move between whole blocks takes every instance along."""
    last: Move | None = None
    while (step := _step(address, moves)) is not None:
        address, last = step
    return address, last


def _step(address: Address, moves: Iterable[Move]) -> tuple[Address, Move] | None:
    for move in moves:
        if move.source == address:
            return move.target, move
        key = address.partition("[")[1:]
        whole = "[" not in move.source and "[" not in move.target
        if whole and key[0] and move.source.label == address.label:
            return Address(f"{move.target}{''.join(key)}"), move
    return None


def _occupied(move: Move, one: Registered, target: Address, occupant: Registered) -> Diagnostic:
    return Diagnostic.warning(
        "Unresolved address change",
        f"`{one.name}`, recorded at `{one.address}`, should move to `{target}`, and `{occupant.name}` is recorded "
        f"there already. So it stays at `{one.address}`, and counts as no longer declared unless that is declared too. "
        "Take the `moved` block away, or move what is there first.",
        address=target,
    ).at(move.place)
