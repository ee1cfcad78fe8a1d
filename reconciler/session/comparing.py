"""Two registered versions side by side, or one and what the registry has of it, as far as their images are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.rendering.catalogue import Surroundings
from reconciler.rendering.differences import NOT_MEASURED, Sides, between_versions, from_registry
from reconciler.session.catalogue import Called, Catalogue, find
from reconciler.session.running import measured

if TYPE_CHECKING:
    from reconciler.model.state import State
    from reconciler.session import Session
    from reconciler.session.catalogue import Found

REGISTRY = "registry"


def compared(session: Session, old: str, new: str, *, whole: bool = False) -> Sides:
    """What two texts call for; images are measured where they are not the same. `registry` is what that really holds.

    An environment that is called so is meant by `registry@latest`.
    """
    catalogue = Catalogue(session)
    state = catalogue.state
    if old == REGISTRY and old not in state.environments:
        detail = f"`{REGISTRY}` as what the registry holds comes second, after the version that it is compared with."
        raise EnvformError(Diagnostic.error("Wrong order", detail, hint=f"envform env diff {new} {REGISTRY}"))
    before = find(state, Called.parse(old), catalogue.workspace)
    if new == REGISTRY:
        return _with_registry(session, state, before, whole=whole)
    after = find(state, Called.parse(new), catalogue.workspace)
    sizes = NOT_MEASURED
    if before.record.image != after.record.image:
        sizes = Surroundings(*measured(session, before)), Surroundings(*measured(session, after))
    old_version, new_version = (before.registered, before.record), (after.registered, after.record)
    return between_versions(old_version, new_version, state.locks, sizes, whole=whole)


def _with_registry(session: Session, state: State, found: Found, *, whole: bool) -> Sides:
    from reconciler.session.published import expected, published

    there = published(session, state, found)
    around = Surroundings(there.layers, there.size)
    if there.image != found.record.image:
        around = Surroundings(*measured(session, found))
    version = found.registered, found.record
    return from_registry(version, state.locks, around, expected(found), there, whole=whole)
