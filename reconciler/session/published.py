"""One registered version as its registry has it now, whatever is on record of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.model.publication import CACHE, LATEST
from reconciler.model.published import Published
from reconciler.oci.reference import Name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.model.definition import Lock
    from reconciler.model.digest import Digest
    from reconciler.model.state import Record, State
    from reconciler.oci.image import Image
    from reconciler.session import Session
    from reconciler.session.catalogue import Found


def expected(found: Found) -> Mapping[str, Digest]:
    """The tags that should lead to a version."""
    return {str(name): found.record.image for name in _names(found)}


def _names(found: Found) -> list[Name]:
    registered, record = found.registered, found.record
    tags = [record.version, *record.details.labels, *([LATEST] if record is registered.latest else [])]
    return [Name(CACHE, record.hash), *(Name(registered.name, tag) for tag in tags)]


def published(session: Session, state: State, found: Found) -> Published:
    """Everything that can be told by asking for it; only an image that is not there tells nothing."""
    registry, record = session.registry, found.record
    own = Name(found.registered.name, record.version)
    descriptors = registry.describe_many(_names(found))
    tags = {str(name): descriptor.digest if descriptor else None for name, descriptor in descriptors.items()}
    place = session.settings.registry
    image = registry.pull(own, record.definition.platform) if tags.get(str(own)) else None
    if image is None:
        return Published(place, tags)
    kept = _kept(session, state.lineage, found, image)
    return Published(
        registry=place,
        tags=tags,
        image=image.digest,
        layers=len(image.layers),
        size=sum(blob.descriptor.size for blob in image.blobs) + len(image.manifest),
        missing=tuple(registry.missing(own)),
        record=kept,
        lock=_lock(session, state, image, kept),
    )


def _kept(session: Session, lineage: str, found: Found, image: Image) -> Record | None:
    """Of this state where it has one there, the newest."""
    from reconciler.execution.records import find_records

    name = Name(found.registered.name, digest=image.digest)
    kept = [one for one in find_records(session.registry, name) if one.record.version == found.record.version]
    own = max(kept, key=lambda one: (one.lineage == lineage, one.order), default=None)
    return own.record if own else None


def _lock(session: Session, state: State, image: Image, kept: Record | None) -> Lock | None:
    from reconciler.execution.adoption import find_lock, lock_label

    wanted = lock_label(image) or (kept.lock if kept else "")
    if known := next((lock for digest, lock in state.locks.items() if digest == wanted), None):
        return known
    return find_lock(session.registry, image.digest, wanted) if wanted else None
