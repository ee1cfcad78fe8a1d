"""Writing files so that a crash at any moment leaves the old content or the new, never something between."""

from __future__ import annotations

import errno
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.model.diagnostic import StateError

_PRIVATE = 0o600
_WORDS = {
    errno.ENOSPC: ("there is no space left on the disk", "Free some space and run the command again."),
    errno.EDQUOT: ("the disk quota is used up", "Free some space and run the command again."),
    errno.EACCES: ("this user is not allowed to", "Look at the owner and the permissions of the file and its folder."),
    errno.EPERM: ("this user is not allowed to", "Look at the owner and the permissions of the file and its folder."),
    errno.EROFS: ("the file system is read-only", "Use a folder that can be written, or mount this one so."),
    errno.EISDIR: ("it is a folder, and a file is needed", "Move the folder away, or choose another path for state."),
    errno.ENOTDIR: ("a part of its path is a file", "Move that file away, or choose another path for the state."),
    errno.EEXIST: ("a part of its path is a file", "Move that file away, or choose another path for the state."),
    errno.ELOOP: ("a link is in the way that is not followed", "Take it away, or choose another path for the state."),
    errno.ENAMETOOLONG: ("its name is too long", "Choose a shorter workspace name."),
    errno.ENOLCK: ("its file system knows no locks", "Keep the state on a local disk."),
    errno.EOPNOTSUPP: ("its file system knows no locks", "Keep the state on a local disk."),
}


@contextmanager
def state_errors(path: Path, act: str) -> Iterator[None]:
    """Turns what the operating system says into StateError; `act` is read, written or locked."""
    try:
        yield
    except OSError as cause:
        unknown = (
            f'the system says "{cause.strerror or "input or output failed"}"',
            "Look at the disk and the folder.",
        )
        why, advice = _WORDS.get(cause.errno or 0, unknown)
        safe = " What was recorded before is untouched." if act == "written" else ""
        raise StateError(
            f"State cannot be {act}", f"`{cause.filename or path}` cannot be {act}: {why}.{safe} {advice}"
        ) from cause


def command(program: str, *paths: Path | str) -> str:
    """A command for a message, such as a shell takes it."""
    return shlex.join([program, *map(str, paths)])


def replace_file(path: Path, data: bytes) -> None:
    """The file with new content, durable when this returns. One writer at a time: the caller holds the lock."""
    target = Path(os.path.realpath(path))  # a symbolic link stays one
    make_folder(target.parent)
    temporary = target.with_name(target.name + ".tmp")
    try:
        _write_new(temporary, data)
        temporary.replace(target)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def _write_new(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, _PRIVATE)
    try:
        write_at(handle, data, 0)
        os.fsync(handle)
    finally:
        os.close(handle)


def write_at(handle: int, data: bytes, offset: int) -> None:
    """All of the data at one place of an open file."""
    left = memoryview(data)
    while left:
        written = os.pwrite(handle, left, offset)
        left, offset = left[written:], offset + written


def make_folder(folder: Path) -> tuple[Path, ...]:
    """The folder and those above it, durable where they are new; those that were made, the innermost last."""
    if folder.is_dir():
        return ()
    above = make_folder(folder.parent)
    try:
        folder.mkdir()
    except FileExistsError:
        if folder.is_dir():  # somebody else was quicker
            return above
        raise
    sync_folder(folder.parent)
    return (*above, folder)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
