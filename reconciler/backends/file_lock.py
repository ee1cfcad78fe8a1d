"""The lock of a state file: a file of its own, locked by the kernel, so that a dead holder frees it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from reconciler.backends.file_write import make_folder, state_errors, write_at
from reconciler.backends.promises import locked_by, new_holder
from reconciler.model.state import Holder

_LONGEST = 1 << 16


class FileLock:
    """One holder at a time, among processes of one machine; the file says who it is."""

    def __init__(self, path: Path, *, guarded: Path, now: Callable[[], str]) -> None:
        self._path = path
        self._guarded = guarded
        self._now = now

    @contextmanager
    def hold(self, operation: str) -> Iterator[Holder]:
        """Be the holder; StateError names who else is."""
        with state_errors(self._path, "locked"):
            handle = self._acquire()
        try:
            holder = new_holder(operation, self._now())
            with state_errors(self._path, "locked"):
                os.ftruncate(handle, 0)
                write_at(handle, json.dumps(asdict(holder), indent=2).encode() + b"\n", 0)
            yield holder
        finally:
            self._release(handle)

    def _acquire(self) -> int:
        make_folder(self._path.parent)
        while True:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if self._is(handle):
                    return handle
            except BlockingIOError:
                holder = _read_holder(handle)
                os.close(handle)
                raise locked_by(holder, f"`{self._guarded}`") from None
            except OSError:
                os.close(handle)
                raise
            os.close(handle)  # its last holder removed the file between open and lock: take the new one

    def _release(self, handle: int) -> None:
        with suppress(OSError):
            if self._is(handle):
                self._path.unlink()
        os.close(handle)

    def _is(self, handle: int) -> bool:
        try:
            return os.path.samestat(os.fstat(handle), self._path.stat())
        except FileNotFoundError:
            return False


def _read_holder(handle: int) -> Holder | None:
    try:
        return Holder(**json.loads(os.pread(handle, _LONGEST, 0)))
    except (ValueError, TypeError, OSError):
        return None
