"""The user's cache kept within a limit: what was not used for long goes, of all kinds the least recently used first."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from reconciler.model.stored import Stored

_UNUSED_FOR = 30 * 24 * 3600.0
_IN_USE_FOR = 3600.0
_UNFINISHED_FOR = 24 * 3600.0


def trim(everything: Iterable[Stored], limit: int) -> None:
    """Remove what was not used for a month, and the least recently used of what is beyond so many bytes.

    Whoever reads a file goes on reading it; what was used within the last hour stays, for it may be wanted again.
    """
    now, left = time.time(), limit
    for stored in sorted(everything, key=lambda it: (it.used, it.size), reverse=True):
        left -= stored.size
        patience = _UNUSED_FOR if left >= 0 else _IN_USE_FOR
        if now - stored.used > patience:
            with suppress(OSError):
                stored.remove()


def files_in(folder: Path, pattern: str) -> Iterator[Stored]:
    """Each file that a pattern finds is one thing."""
    for path in folder.glob(pattern):
        with suppress(OSError):
            if path.is_file() and not path.is_symlink():
                found = path.stat()
                yield Stored(last_use(found), found.st_size, partial(_remove_file, path, last_use(found)))


def folders_in(folder: Path) -> Iterator[Stored]:
    """Each folder is one thing; those whose names begin with a dot are not finished, and somebody may be at it."""
    for path in folder.glob("*"):
        with suppress(OSError):
            if path.is_dir() and not path.is_symlink():
                used, size = _measured(path)
                if path.name.startswith("."):
                    used += _UNFINISHED_FOR
                yield Stored(used, size, partial(_remove_folder, path))


def locked_folders_in(folder: Path, lock: str) -> Iterator[Stored]:
    """The same for folders with a file in them that is locked as long as they are used; that file stays."""
    for path in folder.glob(f"*/{lock}"):
        with suppress(OSError):
            used, size = _measured(path.parent)
            if size:
                yield Stored(used, size, partial(_empty, path))


def last_use(found: os.stat_result) -> float:
    """When a file was read or written last, as far as its file system tells."""
    return max(found.st_atime, found.st_mtime)


def _measured(folder: Path) -> tuple[float, int]:
    """When anything in a folder was used last, and how much there is."""
    used, size = folder.stat().st_mtime, 0
    for path, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                found = Path(path, name).lstat()
                used, size = max(used, last_use(found)), size + found.st_size
    return used, size


def _remove_file(path: Path, used: float) -> None:
    if last_use(path.stat()) == used:
        path.unlink()


def _remove_folder(path: Path) -> None:
    gone = path.with_name(f".{path.name.lstrip('.')}.gone")  # whoever finds it finds all of it
    path.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def _empty(lock: Path) -> None:
    with lock.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for path in lock.parent.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            elif path != lock:
                path.unlink()
