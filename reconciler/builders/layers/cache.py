"""A folder of content by digest that threads and processes share: written whole or not at all, checked when read."""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from reconciler.builders.trimming import files_in
from reconciler.model.digest import Digest
from reconciler.model.stored import Stored

_ABANDONED_AFTER = 60.0
_RESUMED_FOR = 7 * 24 * 3600.0
_KINDS = ("blobs", "artefacts")
_CHUNK = 1 << 20
_DOWNLOAD = ".download"


class Cache:
    """Content of two kinds, `blobs` and `artefacts`, with what is being written kept apart from both."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: set[tuple[Path, int, int]] = set()

    def find(self, kind: str, digest: Digest, size: int | None = None) -> Path | None:
        """Where content is; what is there and damaged is taken away, and is not found."""
        path = self._path(kind, digest)
        try:
            with path.open("rb") as file:
                found = os.fstat(file.fileno())
                mark = (path, found.st_ino, found.st_mtime_ns)
                whole = size in (None, found.st_size) and (mark in self._known or Digest.of_stream(file) == digest)
        except FileNotFoundError:
            return None
        if not whole:
            path.unlink(missing_ok=True)
            return None
        self._known.add(mark)
        with suppress(OSError):
            os.utime(path, ns=(time.time_ns(), found.st_mtime_ns))  # used now, whatever the file system remembers
        return path

    def keep(self, written: Path, kind: str, digest: Digest) -> Path:
        """Give a file that was written here the name of its content."""
        path = self._path(kind, digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        written.replace(path)
        found = path.stat()
        self._known.add((path, found.st_ino, found.st_mtime_ns))
        return path

    @contextmanager
    def new_file(self) -> Iterator[tuple[Path, BinaryIO]]:
        """A new file beside the content; it is gone at the end of the block unless it was kept."""
        path = self._partial(uuid4().hex)
        with path.open("xb", buffering=_CHUNK) as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX)
            try:
                yield path, file
            finally:
                with suppress(FileNotFoundError):
                    path.unlink()

    def resumable(self, digest: Digest) -> Path:
        """Where a download of this content is collected, over several tries if need be; take the lock first."""
        return self._partial(f"{digest.hex}{_DOWNLOAD}")

    @contextmanager
    def locked(self, kind: str, key: str) -> Iterator[None]:
        """Be the only one, of all threads and processes, who makes one thing. Never take two locks of one kind."""
        stripe = hashlib.sha256(key.encode()).hexdigest()[:2]
        path = self.folder / "locks" / f"{kind}-{stripe}"
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def clean(self) -> None:
        """Remove what crashed processes left half written; downloads may go on for a week."""
        for path in (self.folder / "partial").glob("*"):
            with suppress(OSError), path.open("rb") as file:
                patience = _RESUMED_FOR if path.suffix == _DOWNLOAD else _ABANDONED_AFTER
                if time.time() - os.fstat(file.fileno()).st_mtime > patience:
                    fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink()

    def stored(self) -> Iterator[Stored]:
        """All content, each file of it as one thing that may be taken away."""
        for kind in _KINDS:
            yield from files_in(self.folder / kind, "??/*")

    def _path(self, kind: str, digest: Digest) -> Path:
        return self.folder / kind / digest.hex[:2] / digest.hex

    def _partial(self, name: str) -> Path:
        folder = self.folder / "partial"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name
