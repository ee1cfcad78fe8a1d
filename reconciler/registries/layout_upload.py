"""Content that comes into a layout in pieces, from somebody who tells its digest only at the end."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from reconciler.model.digest import Digest
from reconciler.registries.layout_blobs import LayoutBlobs
from reconciler.registries.layout_files import create, sync_folder, writing
from reconciler.registries.layout_ingest import FOLDER, PARTIAL, held, write_all

_FILES = Path("/proc/self/fd")


class Upload:
    """A file without a name until it is whole: where the system can do that, nothing is left when its process dies.

    Elsewhere it is a partial file like any other, which the next push clears away.
    """

    def __init__(self, layout: Path, blobs: LayoutBlobs) -> None:
        self._layout = layout
        self._folder = layout / FOLDER
        self._blobs = blobs
        self._hasher = hashlib.sha256()
        self._named: Path | None = None
        with writing(layout):
            self._file = self._opened()
        self.size = 0

    def write(self, piece: bytes) -> None:
        """Keep the next piece."""
        with writing(self._layout):
            write_all(self._file, piece)
        self._hasher.update(piece)
        self.size += len(piece)

    def finish(self, digest: Digest) -> bool:
        """Put it in its place; False, and nothing is kept, where it is not what the digest says."""
        try:
            if self._hasher.hexdigest() != digest.hex:
                return False
            with writing(self._layout):
                os.fsync(self._file.fileno())
                target = self._blobs.prepare() / digest.hex
                if self._blobs.size(digest) != self.size:
                    self._name(target)
                    sync_folder(target.parent)
                self._blobs.refresh(digest)
            return True
        finally:
            self.cancel()

    def cancel(self) -> None:
        """Forget it."""
        self._file.close()
        if self._named is not None:
            self._named.unlink(missing_ok=True)

    def _opened(self) -> BinaryIO:
        if _FILES.exists():
            with suppress(OSError):
                descriptor = os.open(self._folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o666)
                return os.fdopen(descriptor, "wb", buffering=0)
        self._named = self._folder / f"{uuid4().hex}{PARTIAL}"
        file = create(self._named)
        held(file)
        return file

    def _name(self, target: Path) -> None:
        """What has this name and another size is broken, and gives way."""
        if self._named is None:
            self._named = self._folder / f"{uuid4().hex}{PARTIAL}"
            self._link(self._named)
        self._named.replace(target)

    def _link(self, name: Path) -> None:
        # Only with a folder's descriptor does Python follow the link, and so give the file itself a name.
        folder = os.open(name.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.link(_FILES / str(self._file.fileno()), name.name, dst_dir_fd=folder, follow_symlinks=True)
        finally:
            os.close(folder)
