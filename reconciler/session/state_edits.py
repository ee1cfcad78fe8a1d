"""Which recorded environments are meant, and what changes in the state when they are moved or forgotten."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostic, Diagnostics, EnvformError
from reconciler.model.frozen import dataclass
from reconciler.model.number_text import counted
from reconciler.model.state import Record, Registered, State
from reconciler.model.suggestion import did_you_mean, did_you_mean_address
from reconciler.planning.selection import matching

_QUOTES = "in a shell, quote an address that has a key: 'environment.training[\"cpu\"]'"


@dataclass(frozen=True, slots=True)
class Moved:
    """One address that becomes another."""

    source: Address
    target: Address


def in_order(registered: Iterable[Registered]) -> list[Registered]:
    """By address, numbers in it by their value; what shares an address by name."""
    return sorted(registered, key=lambda one: (_natural(one.address), one.name))


def _natural(text: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", text)]


def meant(state: State, patterns: Sequence[str], place: str) -> list[Registered]:
    """What is recorded at the addresses that match; a pattern that matches none is an error."""
    problems = Diagnostics()
    found: dict[str, Registered] = {}
    for pattern in patterns:
        addresses = set(matching(pattern, (one.address for one in state.environments.values())))
        if not addresses:
            problems.add(_matches_nothing(pattern, state, place))
        found.update((name, one) for name, one in state.environments.items() if one.address in addresses)
    problems.check()
    return in_order(found.values())


def _matches_nothing(pattern: str, state: State, place: str) -> Diagnostic:
    named = state.environments.get(pattern)
    addresses = list(dict.fromkeys(one.address for one in state.environments.values()))
    hint = f"the environment named `{pattern}` is recorded at `{named.address}`" if named else ""
    hint = hint or did_you_mean_address(pattern, addresses)
    return Diagnostic.error(
        "Address matches nothing",
        f"`{pattern}` matches no environment that is recorded in the workspace `{place}`. `envform state list` shows "
        "them all; `*` and `?` stand for any text.",
        hint=hint or (_QUOTES if "[" in pattern and '"' not in pattern else ""),
    )


def moves(state: State, source: str, target: str, place: str) -> tuple[Moved, ...]:
    """What one address, or each instance of a block, becomes. EnvformError where that cannot be."""
    old, new = _address(source), _address(target)
    there = {one.address for one in state.environments.values()}
    instances = [one for one in there if _block(one) == old and one != old]
    if old in there and not instances:
        found: tuple[Moved, ...] = (Moved(old, new),)
    elif instances and _block(new) == new:
        every = sorted({*instances, *({old} & there)}, key=_natural)
        found = tuple(Moved(one, Address(f"{new}{one.removeprefix(old)}")) for one in every)
    elif instances:
        raise EnvformError(_several(old, new, len(instances)))
    else:
        raise EnvformError(_matches_nothing(source, state, place))
    _check_free(found, state)
    return found


def _block(address: str) -> str:
    return address.partition("[")[0]


def _address(text: str) -> Address:
    try:
        address = Address.parse(text)
    except ValueError:
        hint = _QUOTES if "[" in text else did_you_mean(text, [f"environment.{text.rpartition('.')[2]}"])
        detail = f'`{text}` is not an address. Addresses look like `environment.LABEL` or `environment.LABEL["KEY"]`.'
        raise EnvformError(Diagnostic.error("Invalid address", detail, hint=hint)) from None
    _, bracket, key = address.partition("[")
    return Address.of(address.label, json.loads(key[:-1])) if bracket else address


def _check_free(found: Collection[Moved], state: State) -> None:
    problems = Diagnostics()
    taken = {one.address: one.name for one in state.environments.values() if not one.latest.archived}
    for move in found:
        if move.source == move.target:
            detail = f"`{move.source}` is where it is recorded already, so there is nothing to move."
            problems.add(Diagnostic.error("Source and target are the same", detail))
        elif move.target in taken:
            detail = (
                f"`{move.source}` cannot become `{move.target}`: the environment `{taken[move.target]}` is recorded "
                "there. Move or remove that one first."
            )
            problems.add(Diagnostic.error("Address is taken", detail))
    problems.check()


def _several(old: Address, new: Address, count: int) -> Diagnostic:
    return Diagnostic.error(
        "Several environments cannot become one",
        f"`{old}` has {counted(count, 'instance')}, and `{new}` is a single one. Move the whole block to another "
        "block, or one instance to another instance.",
    )


def moved(state: State, found: Iterable[Moved]) -> list[Registered]:
    """What is on record otherwise afterwards, where others stand on what has moved too."""
    targets = {move.source: move.target for move in found}
    changed = ((one, _resettled(one, targets)) for one in state.environments.values())
    return [after for before, after in changed if after != before]


def _resettled(registered: Registered, targets: Mapping[Address, Address]) -> Registered:
    versions = tuple(_standing(record, targets) for record in registered.versions)
    return replace(registered, address=targets.get(registered.address, registered.address), versions=versions)


def _standing(record: Record, targets: Mapping[Address, Address]) -> Record:
    if targets.keys().isdisjoint(record.depends_on):
        return record
    return replace(record, depends_on=tuple(targets.get(address, address) for address in record.depends_on))


def without_unused_locks(state: State) -> State:
    """The state with those locks only that a version needs."""
    needed = {record.lock for one in state.environments.values() for record in one.versions}
    return replace(state, locks={digest: lock for digest, lock in state.locks.items() if digest in needed})
