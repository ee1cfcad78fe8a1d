"""Content of a layout folder, by digest."""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from reconciler.model.digest import Digest
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Blob
from reconciler.registries import failures
from reconciler.registries.layout_files import open_regular, reading, sync_folder
from reconciler.registries.layout_ingest import Ingest, write_all
from reconciler.registries.verification import verified

_CHUNK = 1 << 20
_SMALL = 1 << 16
_FRESH = 300.0
_HEX = re.compile(r"[0-9a-f]{64}")


class LayoutBlobs:
    """`blobs/sha256`: every file is whole from the moment that it has its name."""

    def __init__(self, layout: Path, ingest: Ingest) -> None:
        self.where = f"the image layout `{layout}`"
        self._layout = layout
        self._folder = layout / "blobs" / "sha256"
        self._ingest = ingest
        self._prefix = f"{self._folder}{os.sep}"  # thousands of questions are asked, and paths are slow to put together

    def size(self, digest: Digest) -> int | None:
        """How large the content with this digest is; None when it is not there."""
        with reading(self._layout):
            try:
                found = os.stat(f"{self._prefix}{digest.hex}")  # noqa: PTH116 - as above
            except FileNotFoundError:
                return None
        return found.st_size if stat.S_ISREG(found.st_mode) else None

    def open(self, descriptor: Descriptor) -> BinaryIO:
        """Content, verified while it is read."""
        path = self._folder / descriptor.digest.hex
        with reading(self._layout):
            try:
                file = open_regular(path)
            except FileNotFoundError:
                raise failures.missing(self.where, descriptor.digest) from None
        return verified(file, descriptor, f"`{path}`")

    def open_part(self, descriptor: Descriptor, first: int) -> BinaryIO:
        """Content from a byte on, which nobody can verify but who has all of it."""
        with reading(self._layout):
            try:
                file = open_regular(self._folder / descriptor.digest.hex)
            except FileNotFoundError:
                raise failures.missing(self.where, descriptor.digest) from None
            file.seek(first)
        return file

    def keep(self, blob: Blob) -> None:
        """Have this content. What is there is left as it is: by its size when large, by its digest when small."""
        if self._has(blob.descriptor):
            self.refresh(blob.descriptor.digest)
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        with (
            verified(blob.open(), blob.descriptor, "what was to be pushed") as source,
            self._ingest.new_file(self._folder / blob.descriptor.digest.hex) as file,
        ):
            while chunk := source.read(_CHUNK):
                write_all(file, chunk)

    def _has(self, descriptor: Descriptor) -> bool:
        if self.size(descriptor.digest) != descriptor.size:
            return False
        if descriptor.size > _SMALL:
            return True
        with open_regular(self._folder / descriptor.digest.hex) as file:
            return Digest.of_stream(file) == descriptor.digest

    def refresh(self, digest: Digest) -> None:
        """Somebody counts on this content from now on: whoever collects what is old must leave it for a while."""
        with suppress(OSError):
            path = f"{self._prefix}{digest.hex}"
            if time.time() - os.stat(path).st_mtime > _FRESH:  # noqa: PTH116 - as above
                os.utime(path)

    def modified(self, digest: Digest) -> float:
        """When somebody pushed this content last, in seconds; FileNotFoundError where it is not there."""
        return (self._folder / digest.hex).stat().st_mtime

    def digests(self) -> Sequence[Digest]:
        """Everything that is there."""
        try:
            names = [path.name for path in self._folder.iterdir()]
        except FileNotFoundError:
            return ()
        return [Digest(f"sha256:{name}") for name in sorted(names) if _HEX.fullmatch(name)]

    def prepare(self) -> Path:
        """The folder, made if it is not there."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder

    def settle(self) -> None:
        """Make the names of all kept content durable."""
        sync_folder(self._folder)

    def remove(self, digest: Digest) -> None:
        """Forget this content."""
        (self._folder / digest.hex).unlink(missing_ok=True)
