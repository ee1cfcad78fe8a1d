"""What a registry really holds under the names of one version."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.model.definition import Lock
from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass
from reconciler.model.state import Record


@dataclass(frozen=True, slots=True)
class Published:
    """Which image each tag leads to that should lead to this version, and all that is known of the version's own image.

    `record` is the one kept beside it; without it, and without a `lock`, nobody can say what the image was made from.
    `missing` is content that it lacks.
    """

    registry: str
    tags: Mapping[str, Digest | None]
    image: Digest | None = None
    layers: int = 0
    size: int = 0
    missing: tuple[Digest, ...] = ()
    record: Record | None = None
    lock: Lock | None = None
