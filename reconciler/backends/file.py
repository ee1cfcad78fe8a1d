"""State in a file, with a journal, a backup and a lock beside it.

    NAME.json          the snapshot that the last write left, serial N
    NAME.json.backup   the snapshot that the journal stands on; without a journal, what a push took the place of
    NAME.journal       what was finished since serial M: M = N while an apply is running or after it crashed,
                       M = N - 1 after it has written the snapshot. It is kept until the next apply begins, so
                       backup and journal together can always make up for a lost snapshot
    NAME.lock          who is writing; exists while somebody is

Nothing that was finished is in one file only when another is being changed: that order is the invariant here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from uuid import uuid4

from reconciler.backends import journal
from reconciler.backends.file_lock import FileLock
from reconciler.backends.file_troubles import check_not_older, check_standing, missing, way_out
from reconciler.backends.file_write import replace_file, state_errors, sync_folder
from reconciler.backends.format import decode, encode
from reconciler.backends.holders import new_holder
from reconciler.backends.journal import Journal, Standing, Tail
from reconciler.backends.promises import check_succession, replay
from reconciler.model.diagnostic import Diagnostic, StateError
from reconciler.model.state import Entry, Holder, State

_Signature = tuple[int, int, int]


def _signature(status: os.stat_result) -> _Signature:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _nobody(_: Diagnostic) -> None:
    """For those who do not want to be told."""


class FileBackend:
    """Keeps a state in `path`; reading needs no lock and never sees a half-written state.

    What is good to know and stops nothing goes to `tell`. Without `locking` nobody else is kept from writing.
    """

    def __init__(
        self,
        path: Path,
        *,
        envform_version: str,
        now: Callable[[], str],
        tell: Callable[[Diagnostic], None] = _nobody,
        locking: bool = True,
    ) -> None:
        self._path = path
        self._backup = path.with_name(path.name + ".backup")
        self._journal = path.with_suffix(".journal")
        self._lock = FileLock(path.with_suffix(".lock"), guarded=path, now=now, tell=tell)
        self._locking = locking
        self._envform_version = envform_version
        self._now = now
        self._held = False
        self._tail: Tail | None = None
        self._seen: tuple[_Signature, State] | None = None

    def read(self) -> State | None:
        """What was recorded, finished changes of a crashed apply included."""
        with state_errors(self._path, "read"):
            while True:
                seen = self._signature()
                try:
                    # In the order in which they come to be, last first: then whatever is seen has what it stands on
                    # beside it, also while somebody writes.
                    expected = self._backup.exists()
                    written = journal.load(self._journal)
                    return self._joined(self._snapshot(), written, expected)
                except StateError:
                    if seen == self._signature():
                        raise  # else somebody wrote meanwhile, and what was compared is of two moments

    def write(self, state: State) -> None:
        """Keep a state that succeeds the one that is kept."""
        with self._writing(), state_errors(self._path, "written"):
            kept = self.read()
            check_succession(kept, state)
            if self._path.exists():
                self._tail = self._tail or self._stand()
            elif kept and kept.lineage != state.lineage:
                self._adopt(state.lineage)
            replace_file(self._path, encode(state, envform_version=self._envform_version))
            self._tail = None

    def append(self, *entries: Entry) -> None:
        """Keep finished changes: one line, whatever the size of the state."""
        with self._writing(), state_errors(self._journal, "written"):
            self._tail = journal.extend(self._journal, self._tail or self._stand(), entries)

    def overwrite(self, state: State) -> None:
        """Keep this state; the backup holds what was kept before."""
        with self._writing(), state_errors(self._path, "written"):
            self._fold()
            replace_file(self._path, encode(state, envform_version=self._envform_version))

    def remove(self) -> None:
        """Keep nothing any more."""
        with self._writing(), state_errors(self._path, "written"):
            self._fold()
            for path in (self._backup, self._path):
                path.unlink(missing_ok=True)
                sync_folder(path.parent)

    def unlock(self, lock_id: str) -> Holder:
        """Free a lock that was left behind."""
        return self._lock.free(lock_id)

    @contextmanager
    def lock(self, operation: str) -> Iterator[Holder]:
        """Be the only writer."""
        with self._lock.hold(operation) if self._locking else nullcontext(self._anybody(operation)) as holder:
            self._held, self._tail = True, None
            try:
                yield holder
            finally:
                self._held = False

    def _anybody(self, operation: str) -> Holder:
        return new_holder(operation, self._now())

    def _writing(self) -> AbstractContextManager[Holder | None]:
        return nullcontext() if self._held else self.lock("write")

    def _snapshot(self) -> State | None:
        if self._path.exists() and not (self._path.is_file() or self._path.is_dir()):
            raise StateError("State not read", f"`{self._path}` is neither a file nor a folder. Nothing was changed.")
        try:
            with self._path.open("rb") as file:
                signature = _signature(os.fstat(file.fileno()))
                if self._seen and self._seen[0] == signature:
                    return self._seen[1]
                state = self._decoded(file.read())
        except FileNotFoundError:
            return None
        self._seen = (signature, state)
        return state

    def _signature(self) -> _Signature | None:
        return _signature(self._path.stat()) if self._path.exists() else None

    def _decoded(self, data: bytes) -> State:
        try:
            return decode(data, source=str(self._path), way_out="")
        except StateError:  # only now is the way out looked for: that reads the other files too
            return decode(data, source=str(self._path), way_out=self._ways_out())

    def _joined(self, snapshot: State | None, written: Journal | None, expected: bool) -> State | None:
        """Snapshot and journal as one state; StateError when they do not belong together."""
        if snapshot is None:
            if written is not None and written.standing.serial == 0:
                return replay(State(written.standing.lineage), written.entries()[0])
            if written is not None or expected:
                raise missing(self._path, self._ways_out())
            return None
        if written is None:
            if expected:
                check_not_older(self._path, self._backup, snapshot)
            return snapshot
        check_standing((self._path, self._backup, self._journal), snapshot, written.standing, self._ways_out)
        return replay(snapshot, written.entries()[0]) if written.standing.serial == snapshot.serial else snapshot

    def _stand(self) -> Tail:
        """Where the next entry goes: in a journal that stands on the snapshot, made now if there is none."""
        written, snapshot = journal.load(self._journal), self._snapshot()
        self._joined(snapshot, written, expected=False)
        serial = snapshot.serial if snapshot else 0
        if written is not None and written.standing.serial == serial:
            return written.entries()[1]
        if snapshot is None:
            return journal.start(self._journal, Standing(str(uuid4()), 0))
        replace_file(self._backup, self._path.read_bytes())
        return journal.start(self._journal, Standing(snapshot.lineage, snapshot.serial))

    def _fold(self) -> None:
        """Brings the journal's changes into snapshot and backup, so that each of them is whole without the other."""
        kept, self._tail = self.read(), None
        if kept is None:
            return
        data = encode(kept, envform_version=self._envform_version)
        replace_file(self._backup, data)
        replace_file(self._path, data)
        self._journal.unlink(missing_ok=True)
        sync_folder(self._journal.parent)

    def _adopt(self, lineage: str) -> None:
        """Gives a journal of a first apply the lineage of the state that is about to be written."""
        if written := journal.load(self._journal):
            journal.start(self._journal, Standing(lineage, 0), written.entries()[0])

    def _ways_out(self) -> str:
        return way_out(self._path, self._backup, self._journal)
