"""Under which names an image is published in the workspace's registry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.model.digest import Digest
from reconciler.model.state import Registered

CACHE = "envform"
LAYERS = "envform.layers"
LATEST = "latest"
LOCK_LABEL = "dev.envform.lock"
LOCK_TYPE = "application/vnd.dev.envform.lock.v1+json"
RECORD_TYPE = "application/vnd.dev.envform.record.v1+json"
RECORD_NOTE = "dev.envform.record"
RECORD_NAME = "dev.envform.name"


def expected_tags(registered: Registered) -> dict[tuple[str, str], Digest]:
    """Every tag that must exist for a registered environment, and the image it must point at."""
    tags: dict[tuple[str, str], Digest] = {}
    for record in registered.versions:
        tags[(CACHE, record.hash)] = record.image
        tags[(registered.name, record.version)] = record.image
        tags.update({(registered.name, label): record.image for label in record.details.labels})
    tags[(registered.name, LATEST)] = registered.latest.image
    return tags


def repositories(environments: Iterable[Registered], declared: Iterable[str]) -> Iterator[str]:
    """The repositories in which a workspace keeps its images, each once."""
    names = {registered.name for registered in environments} | set(declared)
    yield CACHE
    yield from sorted(names - {CACHE})
