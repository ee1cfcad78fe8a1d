"""What becomes of environments that are registered and no longer declared."""

from __future__ import annotations

from collections.abc import Collection

from reconciler.model.address import Address
from reconciler.model.observation import Observation
from reconciler.model.plan import Action, Change, ImageOutcome, NotInConfiguration, Reason
from reconciler.model.state import Registered
from reconciler.planning.drift import registry_drift


def decide_undeclared(registered: Registered, seen: Observation, because: Reason, *, forget: bool = False) -> Change:
    """What is registered and is not to be any more is archived, once, or deleted where it says so."""
    latest = registered.latest
    action = Action.DELETE if latest.details.on_destroy == "delete" else Action.ARCHIVE
    if forget:
        action = Action.FORGET
    elif latest.archived:
        action = Action.NOTHING
    return Change(
        address=registered.address,
        name=registered.name,
        action=action,
        image=ImageOutcome.NONE,
        reasons=() if action is Action.NOTHING else (because, *registry_drift(registered, seen)),
        before=latest,
    )


def why_undeclared(address: Address, blocks: Collection[str], declared: Collection[Address]) -> NotInConfiguration:
    """Whether the whole block is gone, or only this instance of it. `blocks` are the addresses of all blocks."""
    if address.block not in blocks or address in declared:
        return NotInConfiguration()
    key = address.partition("[")[2]
    others = [other.partition("[")[2] for other in declared if other.block == address.block]
    if any(_kind(other) != _kind(key) for other in others) or not key:
        return NotInConfiguration("repetition")
    return NotInConfiguration("each_key" if _kind(key) == "each" else "count_index")


def _kind(key: str) -> str:
    return "each" if key.startswith('"') else "count" if key else "single"
