"""Folders for what programs are told and what they answer; those of a run that was killed go with the next one's."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

_OURS = "envform-scratch-"
_NEW = 60.0


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone after the block, and is locked as long as whoever made it lives."""
    _clear(tempfile.gettempdir())
    with tempfile.TemporaryDirectory(prefix=_OURS) as name:
        folder = os.open(name, os.O_RDONLY)
        try:
            with suppress(OSError):
                fcntl.flock(folder, fcntl.LOCK_SH)
            yield Path(name)
        finally:
            os.close(folder)


@cache
def _clear(place: str) -> None:
    """Remove what nobody holds any more, once in a run."""
    for left in Path(place).glob(f"{_OURS}*"):
        with suppress(OSError):
            _remove(left)


def _remove(left: Path) -> None:
    found = left.lstat()
    if found.st_uid != os.getuid() or time.time() - found.st_mtime < _NEW:  # the newest may not be locked yet
        return
    folder = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(left, ignore_errors=True)
    finally:
        os.close(folder)
