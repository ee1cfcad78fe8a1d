"""What a piece of content is, without the content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Descriptor:
    """An OCI content descriptor."""

    media_type: str
    digest: Digest
    size: int
    annotations: Mapping[str, str] = field(default_factory=dict, compare=False)
    platform: str = ""
    artifact_type: str = ""
