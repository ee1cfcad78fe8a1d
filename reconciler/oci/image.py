"""An image: exact manifest bytes, and ways to the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from io import BytesIO
from typing import BinaryIO, Self

from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass
from reconciler.oci.descriptor import Descriptor


@dataclass(frozen=True, slots=True)
class Blob:
    """Content that is named by its digest and opened only when somebody reads it."""

    descriptor: Descriptor
    open: Callable[[], BinaryIO]

    @classmethod
    def of(cls, content: bytes, media_type: str) -> Self:
        """Content that is in memory already."""
        return cls(Descriptor(media_type, Digest.of(content), len(content)), lambda: BytesIO(content))


@dataclass(frozen=True)
class Image:
    """One image for one platform. The manifest's bytes are kept as they came, never written anew.

    `index` is that through which it was found, where its name means images for several platforms.
    """

    manifest: bytes
    media_type: str
    config: Blob
    layers: tuple[Blob, ...]
    index: Digest | None = field(default=None, compare=False)

    @property
    def digest(self) -> Digest:
        """The image's identity."""
        return Digest.of(self.manifest)

    @property
    def descriptor(self) -> Descriptor:
        """What stands for the image where only its manifest is meant."""
        return Descriptor(self.media_type, self.digest, len(self.manifest))

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """All content but the manifest: the layers and then the config, each once."""
        return tuple({blob.descriptor.digest: blob for blob in (*self.layers, self.config)}.values())
