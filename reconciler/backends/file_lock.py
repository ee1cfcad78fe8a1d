"""The lock of a state file: a file of its own, locked by the kernel, so that a dead holder frees it.

Whoever ends properly takes the file away. So a file that is there and that nobody has locked was left behind by a
process that died, or is held on another machine by one whose lock does not reach here. A link in its place is not
followed: what it leads to would be overwritten.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from reconciler.backends.file_write import make_folder, state_errors, write_at
from reconciler.backends.holders import (
    held_alive,
    left_behind_by,
    locked_by,
    locked_elsewhere,
    new_holder,
    not_locked,
    other_lock,
)
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.frozen import dataclass
from reconciler.model.state import Holder

_LONGEST = 1 << 16
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class _Note:
    """What a lock file says. Containers have host names of their own, and share the kernel that knows who lives."""

    holder: Holder
    boot: str

    @property
    def is_of_this_machine(self) -> bool:
        return self.holder.host == os.uname().nodename or (self.boot != "" and self.boot == _boot())


class FileLock:
    """One holder at a time, among processes of one machine; the file says who it is."""

    def __init__(
        self, path: Path, *, guarded: Path, now: Callable[[], str], tell: Callable[[Diagnostic], None]
    ) -> None:
        self._path = path
        self._place = f"`{guarded}`"
        self._now = now
        self._tell = tell

    @contextmanager
    def hold(self, operation: str) -> Iterator[Holder]:
        """Be the holder; StateError names who else is. The lock of a dead process is taken over with a warning.

        A folder that was made for the lock alone goes with it.
        """
        with ExitStack() as made:
            with state_errors(self._path, "locked"):
                handle = self._acquire(made)
            yield from self._held(handle, operation)

    def _held(self, handle: int, operation: str) -> Iterator[Holder]:
        try:
            left = _read_note(handle)
            if left and not left.is_of_this_machine:
                raise locked_elsewhere(left.holder, self._place)
            try:
                with state_errors(self._path, "locked"):
                    holder = self._sign(handle, operation)
                if left:
                    self._tell(left_behind_by(left.holder, self._place))
                yield holder
            finally:
                self._remove(handle)
        finally:
            os.close(handle)

    def free(self, lock_id: str) -> Holder:
        """Take away the lock with this id, which was left behind; StateError names the holder where that cannot be."""
        with state_errors(self._path, "locked"):
            try:
                handle = os.open(self._path, os.O_RDWR | os.O_NOFOLLOW)
            except FileNotFoundError:
                raise not_locked(self._place) from None
        try:
            note = _read_note(handle)
            if note is None or note.holder.id != lock_id:
                raise other_lock(note.holder if note else None, lock_id, self._place)
            if not _locked(handle):
                raise held_alive(note.holder, self._place)
            self._remove(handle)
            return note.holder
        finally:
            os.close(handle)

    def _sign(self, handle: int, operation: str) -> Holder:
        holder = new_holder(operation, self._now())
        note = json.dumps({**asdict(holder), "boot": _boot()}, indent=2).encode() + b"\n"
        os.ftruncate(handle, 0)
        write_at(handle, note, 0)
        return holder

    def _acquire(self, made: ExitStack) -> int:
        while True:
            for folder in make_folder(self._path.parent):
                made.callback(_remove_empty, folder)
            try:
                handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            except FileNotFoundError:
                continue  # whoever made the folder has just taken it away again
            try:
                if self._taken(handle):
                    return handle
            except BaseException:
                os.close(handle)
                raise
            os.close(handle)  # its last holder removed the file between open and lock: take the new one

    def _taken(self, handle: int) -> bool:
        if not _locked(handle):
            note = _read_note(handle)
            raise locked_by(note.holder if note else None, self._place)
        return self._is(handle)

    def _remove(self, handle: int) -> None:
        with suppress(OSError):
            if self._is(handle):
                self._path.unlink()

    def _is(self, handle: int) -> bool:
        try:
            return os.path.samestat(os.fstat(handle), self._path.stat())
        except FileNotFoundError:
            return False


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _locked(handle: int) -> bool:
    """Whether the file is locked by us now; no: another process has it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read_note(handle: int) -> _Note | None:
    try:
        content = json.loads(os.pread(handle, _LONGEST, 0))
        boot = str(content.pop("boot", ""))
        return _Note(Holder(**content), boot)
    except (ValueError, TypeError, AttributeError, OSError):
        return None


def _boot() -> str:
    """Which run of which machine's kernel this is; empty where the system does not tell."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""
