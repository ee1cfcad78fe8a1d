"""Manifests and configs that were pulled before, so that looking at a base again costs one question about its tag.

Registries count manifests that are sent against a limit; what a digest names never changes, so it is asked for once.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from reconciler.model.digest import Digest
from reconciler.oci import media_types
from reconciler.oci.descriptor import Descriptor

_LARGEST = 4 << 20
_WORTH = media_types.MANIFESTS | media_types.INDEXES | media_types.CONFIGS


class Kept:
    """A folder of the user's own, which may be emptied at any time. Trouble with it is no trouble."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def is_worth(self, descriptor: Descriptor) -> bool:
        """Whether content is kept at all: what is small, and is read at every plan."""
        small = descriptor.size <= _LARGEST
        return self._folder is not None and small and descriptor.media_type in _WORTH

    def read(self, digest: Digest) -> bytes | None:
        """Content, if it is here and is what its digest says."""
        try:
            content = self._path(digest).read_bytes()
        except OSError:
            return None
        return content if Digest.of(content) == digest else None

    def keep(self, content: bytes) -> None:
        """Put content here, whole or not at all."""
        path = self._path(Digest.of(content))
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
                Path(name).replace(path)
            except OSError:
                Path(name).unlink(missing_ok=True)

    def _path(self, digest: Digest) -> Path:
        return (self._folder or Path()) / digest.hex[:2] / digest.hex
