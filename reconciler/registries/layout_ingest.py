"""The folder `.envform` inside a layout: its lock, and content that is not whole yet.

It lies beside `blobs`, not in it: `umoci gc` stops at a file in `blobs` whose name is no digest.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from reconciler.model.diagnostic import RegistryError
from reconciler.registries.layout_files import create, sync_folder

FOLDER = ".envform"
_LOCK = "lock"
PARTIAL = ".partial"
_PATIENCE = 60.0
_LONGEST_PAUSE = 0.02
_ABANDONED_AFTER = 3600.0


class Ingest:
    """One layout's lock and half-written files."""

    def __init__(self, layout: Path) -> None:
        self._layout = layout
        self._folder = layout / FOLDER

    def prepare(self) -> None:
        """Make the folder if it is not there."""
        self._folder.mkdir(exist_ok=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only one, of all threads and processes, who changes the layout's index."""
        descriptor = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            self._wait_for(descriptor)
            yield
        finally:
            os.close(descriptor)

    def _wait_for(self, descriptor: int) -> None:
        deadline, pause = time.monotonic() + _PATIENCE, 0.001
        while not _taken(descriptor):
            if time.monotonic() > deadline:
                raise RegistryError(
                    "Registry folder is locked",
                    f"Another process has held the lock of the image layout `{self._layout}` for {_PATIENCE:.0f} "
                    "seconds. It is released when that process ends; there is nothing to delete.",
                    temporary=True,
                )
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    @contextmanager
    def new_file(self, target: Path) -> Iterator[BinaryIO]:
        """A file that takes the place of the target, durable and whole, when the block ends without error."""
        partial = self._folder / f"{uuid4().hex}{PARTIAL}"
        with create(partial) as file:
            held(file)
            try:
                yield file
                os.fsync(file.fileno())
                partial.replace(target)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise

    def write(self, target: Path, *pieces: bytes) -> None:
        """Put a file in place that these make together, whole, and make its name durable."""
        with self.new_file(target) as file:
            for piece in pieces:
                write_all(file, piece)
        sync_folder(target.parent)

    def clean(self) -> None:
        """Remove what crashed processes left: old, and locked by nobody."""
        for path in self._folder.glob(f"*{PARTIAL}"):
            with suppress(OSError), path.open("rb") as file:
                if time.time() - os.fstat(file.fileno()).st_mtime > _ABANDONED_AFTER and _taken(file.fileno()):
                    path.unlink()


def held(file: BinaryIO) -> None:
    """Let everybody see that somebody is at work on this file."""
    with suppress(OSError):
        _taken(file.fileno())


def write_all(file: BinaryIO, content: bytes) -> None:
    """Write to an unbuffered file, which may take a piece at a time."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
