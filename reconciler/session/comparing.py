"""Two registered versions side by side, as far as their images are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.model.frozen import dataclass
from reconciler.rendering.catalogue import NOT_MEASURED, Surroundings
from reconciler.session.catalogue import Called, Catalogue, find
from reconciler.session.running import measured

if TYPE_CHECKING:
    from reconciler.rendering.catalogue import Locks, Measured, Version
    from reconciler.session import Session


@dataclass(frozen=True, slots=True)
class Compared:
    """What is needed to tell what differs."""

    old: Version
    new: Version
    locks: Locks
    sizes: Measured


def compared(session: Session, old: str, new: str) -> Compared:
    """The versions that two texts call for; images are measured where they are not the same."""
    catalogue = Catalogue(session)
    state = catalogue.state
    before, after = (find(state, Called.parse(text), catalogue.workspace) for text in (old, new))
    sizes = NOT_MEASURED
    if before.record.image != after.record.image:
        sizes = Surroundings(*measured(session, before)), Surroundings(*measured(session, after))
    return Compared((before.registered, before.record), (after.registered, after.record), state.locks, sizes)
