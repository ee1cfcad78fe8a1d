"""The recorded state, as the commands look at it and change it: one door for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.backends.file_write import replace_file, state_errors
from reconciler.backends.format import decode, encode
from reconciler.model.diagnostic import Diagnostic, EnvformError, NotFoundError, StateError
from reconciler.model.event import Told
from reconciler.model.frozen import dataclass
from reconciler.model.history import Lived, history
from reconciler.model.release import __version__
from reconciler.model.state import Entry, Holder, Registered, State
from reconciler.model.suggestion import did_you_mean
from reconciler.session import workspaces
from reconciler.session.holding import hold
from reconciler.session.pushing import check_push, following
from reconciler.session.state_edits import (
    Moved,
    in_order,
    meant,
    moved,
    moves,
    without_unused_locks,
)

if TYPE_CHECKING:
    from reconciler.protocols import StateBackend
    from reconciler.session import Session

_BACKUP = ".backup"
_MOVING = "state mv"


@dataclass(frozen=True, slots=True)
class States:
    """What can be done with the state of one session's workspace."""

    session: Session

    @property
    def backend(self) -> StateBackend:
        """Where it is kept."""
        return self.session.backend

    @property
    def workspace(self) -> str:
        """Whose state it is."""
        return workspaces.current(self.session)

    def recorded(self) -> State:
        """The state; NotFoundError where nothing was ever recorded."""
        state = self.backend.read()
        if state is None:
            raise NotFoundError(self._none())
        return state

    def listed(self, patterns: Sequence[str] = (), name: str = "") -> list[Registered]:
        """What is recorded, in the order of addresses; under these, and of this name, where they are given."""
        state = self.recorded()
        found = meant(state, patterns, self.workspace) if patterns else in_order(state.environments.values())
        if name and name not in state.environments:
            detail = f"No environment of the name `{name}` is recorded in the workspace `{self.workspace}`."
            hint = did_you_mean(name, state.environments)
            raise EnvformError(Diagnostic.error("Name matches nothing", detail, hint=hint))
        return [one for one in found if name in ("", one.name)]

    def locked(self, operation: str) -> AbstractContextManager[Holder]:
        """Nobody else writes it until the end."""
        return hold(self.session, operation)

    @contextmanager
    def changing(self, operation: str) -> Iterator[State]:
        """The state as it is, and nobody else changes it until the end."""
        with self.locked(operation):
            yield self.recorded()

    def planned_moves(self, source: str, target: str) -> tuple[Moved, ...]:
        """What `move` would do."""
        return moves(self.recorded(), source, target, self.workspace)

    def move(self, source: str, target: str, backup: Path | None) -> tuple[tuple[Moved, ...], Path]:
        """Give one address, or a whole block, another address; also returns where the backup is."""
        from reconciler.execution.records import Recorded
        from reconciler.session.telling import tell_registry

        with self.changing(_MOVING) as state:
            found = moves(state, source, target, self.workspace)
            kept = self.back_up(state, backup)
            at, known = self.session.now(), state.environments
            told = [Recorded.of(known[one.name], one, at, _MOVING) for one in moved(state, found)]
            self.record(state, tuple(Entry(one.after.name, one.after) for one in told))
            tell_registry(self.session, state, told)
        return found, kept

    def remove(self, patterns: Sequence[str], backup: Path | None) -> tuple[list[Registered], Path]:
        """Forget environments; what was published stays. Also returns where the backup is."""
        with self.changing("state rm") as state:
            found = meant(state, patterns, self.workspace)
            kept = self.back_up(state, backup)
            self.record(state, tuple(Entry(one.name, None) for one in found))
        return found, kept

    def record(self, state: State, entries: tuple[Entry, ...]) -> None:
        """All of it or nothing, whatever happens: one line of the journal, and then the state as a whole.

        With that line it is done; where the state cannot be written after it, the next command takes it from there.
        """
        self.backend.append(*entries)
        for entry in entries:
            state = state.after(entry)
        try:
            self.backend.write(replace(without_unused_locks(state), serial=state.serial + 1))
        except StateError as error:
            why = " ".join(item.detail for item in error.diagnostics)
            detail = f"{why}\n\nWhat was asked for is done all the same: it is in the journal beside the state."
            self.session.emit(Told(Diagnostic.warning("State not written as a whole", detail)))

    def pull(self) -> str:
        """The state as it is kept in files."""
        return encode(self.recorded(), envform_version=__version__).decode()

    def push(self, content: bytes, source: str, *, force: bool) -> Path | None:
        """Put a state in the place of the recorded one, whose backup is returned, unless there was nothing to do."""
        pushed = decode(content, source=source, way_out="Push another file, as `envform state pull` printed it.")
        with self.locked("state push"):
            kept = self.backend.read()
            if kept is not None and replace(pushed, serial=kept.serial) == kept:
                return None
            if kept is not None and not force:
                check_push(kept, pushed)
            backup = self.back_up(kept) if kept is not None and kept.serial else None
            self.backend.overwrite(following(kept, pushed))
        return backup

    def unlock(self, lock_id: str) -> Holder:
        """Free the lock with this id, which was left behind."""
        return self.backend.unlock(lock_id)

    def back_up(self, state: State, path: Path | None = None) -> Path:
        """Keep a copy of the state, beside it unless a path is given; never over something that is there."""
        place = self._backup_path() if path is None else self.session.root / path
        if place.exists():
            detail = f"`{place}` is there already, and a backup overwrites nothing. Choose another name for it."
            raise StateError("Backup not written", detail)
        with state_errors(place, "written"):
            replace_file(place, encode(state, envform_version=__version__))
        return place

    def history(self, patterns: Sequence[str]) -> list[Lived]:
        """Each version that is or was on record, newest first; under these addresses, where they are given."""
        state, backups = self.recorded(), dict(self._backups())
        everything = history(state, backups)
        if not patterns:
            return everything
        once = {one.registered.name: one.registered for one in reversed(everything)}
        names = {one.name for one in meant(replace(state, environments=once), patterns, self.workspace)}
        return [one for one in everything if one.registered.name in names]

    def _backups(self) -> Iterator[tuple[str, State]]:
        path = self._path
        for found in sorted(path.parent.glob(f"{path.name}*{_BACKUP}")):
            try:
                yield found.name, decode(found.read_bytes(), source=str(found), way_out="")
            except (OSError, StateError):
                detail = f"`{found}` cannot be read as a state, so its history is not told."
                self.session.emit(Told(Diagnostic.warning("Backup not read", detail)))

    def _backup_path(self) -> Path:
        """Named by the moment, so that they sort by it; a second one within a second gets a number."""
        moment = self.session.now().replace("-", "").replace(":", "")
        path = self._path
        names = (f"{path.name}.{moment}{f'-{number}' if number else ''}{_BACKUP}" for number in range(1000))
        return next(place for name in names if not (place := path.with_name(name)).exists())

    @property
    def _path(self) -> Path:
        return workspaces.state_path(self.session, self.workspace)

    def _none(self) -> Diagnostic:
        there = workspaces.known(self.session)
        others = [name for name in there if name != self.workspace]
        known = f" There are other workspaces: {', '.join(f'`{name}`' for name in others)}." if others else ""
        return Diagnostic.error(
            "No state",
            f"Nothing was ever recorded in the workspace `{self.workspace}` of `{self.session.root}`: there is no "
            f"state file. The first `envform apply` makes one.{known}",
            hint=did_you_mean(self.workspace, others) or "another folder is chosen with -chdir=DIR",
        )
