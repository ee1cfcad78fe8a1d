"""An image: exact manifest bytes, and ways to the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from reconciler.model.digest import Digest
from reconciler.oci.descriptor import Descriptor


@dataclass(frozen=True, slots=True)
class Blob:
    """Content that is named by its digest and opened only when somebody reads it."""

    descriptor: Descriptor
    open: Callable[[], BinaryIO]


@dataclass(frozen=True)
class Image:
    """One image for one platform. The manifest's bytes are kept as they came, never written anew."""

    manifest: bytes
    media_type: str
    config: Blob
    layers: tuple[Blob, ...]

    @property
    def digest(self) -> Digest:
        """The image's identity."""
        return Digest.of(self.manifest)
