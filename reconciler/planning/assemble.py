"""The whole plan from its changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from reconciler.model.environment import Settings
from reconciler.model.plan import Change, ImageOutcome, Plan
from reconciler.model.state import State


def assemble(settings: Settings, state: State, changes: Iterable[Change]) -> Plan:
    """The plan, in the order of addresses whatever order the changes were decided in."""
    ordered = sorted(changes, key=lambda change: (change.address, change.name))
    return Plan(
        lineage=state.lineage,
        registry=settings.registry,
        workspace=settings.workspace,
        changes=tuple(_each_image_once(ordered)),
    )


def _each_image_once(changes: Iterable[Change]) -> Iterator[Change]:
    """Of several changes that need one image only the first makes it; the others find it under its hash."""
    made: set[str] = set()
    for change in changes:
        if change.image in (ImageOutcome.BUILD, ImageOutcome.REBASE) and change.after:
            yield replace(change, image=ImageOutcome.REUSE) if change.after.hash in made else change
            made.add(change.after.hash)
        else:
            yield change
