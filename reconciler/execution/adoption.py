"""Locks kept beside the images that were built from them, so that whoever finds an image knows what is in it."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

from reconciler.execution.recordable import tells_secrets
from reconciler.model.definition import Definition, Lock
from reconciler.model.digest import Digest, canonical_json
from reconciler.model.frozen import dataclass
from reconciler.model.publication import CACHE, LOCK_LABEL, LOCK_TYPE
from reconciler.oci.assembly import attachment
from reconciler.oci.config import labels_of, read_config
from reconciler.oci.image import Blob, Image
from reconciler.oci.reference import Name
from reconciler.oci.strict_json import ContentError
from reconciler.protocols import Registry

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_LARGEST = 16 << 20


@dataclass(frozen=True, slots=True)
class Adopted:
    """An image that the registry has for a definition, and the lock that it was built from."""

    image: Digest
    lock: Lock


def lock_label(image: Image) -> str:
    """The digest of the lock that an image says it was built from; empty for a ready one."""
    try:
        return labels_of(read_config(image)).get(LOCK_LABEL, "")
    except ContentError:
        return ""


def attach_lock(registry: Registry, image: Image, lock: Lock) -> None:
    """Keep the lock as something that refers to the image."""
    content = Blob.of(canonical_json(_locks().dump_python(lock, mode="json", exclude={"index"})), LOCK_TYPE)
    attached = attachment(image.descriptor, content)
    registry.push(attached, [Name(CACHE, digest=attached.digest)])


def find_adoptable(registry: Registry, definition: Definition) -> Adopted | None:
    """The image under a definition's hash, where it comes with its lock; any other cannot be known well enough."""
    image = registry.pull(Name(CACHE, definition.hash), definition.platform)
    label = lock_label(image) if image else ""
    if image is None or not label:
        return None
    lock = find_lock(registry, image.digest, label)
    return Adopted(image.digest, lock) if lock else None


def find_lock(registry: Registry, image: Digest, wanted: str) -> Lock | None:
    """The lock with this digest, where it is attached to the image."""
    for descriptor in registry.referrers(Name(CACHE, digest=image)):
        if descriptor.artifact_type == LOCK_TYPE:
            kept = registry.pull(Name(CACHE, digest=descriptor.digest), "")
            lock = _read(kept) if kept else None
            if lock and lock.digest == wanted:
                return lock
    return None


def _read(attached: Image) -> Lock | None:
    """What is not a lock is nobody's: anyone may attach anything. One that tells secrets is not taken over either."""
    if len(attached.layers) != 1 or attached.layers[0].descriptor.size > _LARGEST:
        return None
    with attached.layers[0].open() as stream:
        content = stream.read()
    try:
        lock = _locks().validate_python(json.loads(content))
    except (ValueError, RecursionError):
        return None
    return None if tells_secrets(lock) else lock


@cache
def _locks() -> TypeAdapter[Lock]:
    from pydantic import TypeAdapter

    return TypeAdapter(Lock)
