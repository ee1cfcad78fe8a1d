"""One builder at a time for each hash, among all threads and processes of a user: the kernel holds the turn."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from reconciler.model.diagnostic import BuildError

_LOOK_AGAIN = 0.1


class Turns:
    """Turns are taken in a folder that all builds of a user share; whoever dies gives theirs back."""

    def __init__(self, folder: Path, stopped: Callable[[], bool]) -> None:
        self._folder = folder
        self._stopped = stopped

    @contextmanager
    def take(self, key: str, waiting: Callable[[], None]) -> Iterator[None]:
        """Be the only one; `waiting` is told once where somebody else is at it. Raises BuildError."""
        path = self._folder / f"{key}.turn"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle = self._acquired(path, waiting)
        except OSError as cause:
            raise BuildError(
                "Cache cannot be used",
                f"Who builds what is agreed upon in `{self._folder}`, which cannot be used: {cause}. Free some space "
                "there, or set `XDG_CACHE_HOME` to a folder that you may write.",
            ) from cause
        try:
            yield
        finally:
            with suppress(OSError):
                path.unlink()  # while it is held: who waits for it sees that it is gone, and opens another
            os.close(handle)

    def _acquired(self, path: Path, waiting: Callable[[], None]) -> int:
        waited = False
        while True:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                while not _locked(handle):
                    if not waited:
                        waited = True
                        waiting()
                    self._check()
                    time.sleep(_LOOK_AGAIN)
                if _is_still(path, handle):
                    return handle
            except BaseException:
                os.close(handle)
                raise
            os.close(handle)

    def _check(self) -> None:
        if self._stopped():
            raise BuildError(
                "Build was stopped",
                "It was interrupted while it waited for another build of the same. Nothing was published.",
            )


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_still(path: Path, handle: int) -> bool:
    """Whether the file of this name is the one that was locked."""
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False
