"""State in memory: for tests, and for programs that keep it elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from uuid import uuid4

from reconciler.backends.holders import held_alive, locked_by, new_holder, not_locked, other_lock
from reconciler.backends.promises import check_succession, replay
from reconciler.model.state import Entry, Holder, State

_PLACE = "in memory"


class MemoryBackend:
    """Keeps a state for as long as it lives itself."""

    def __init__(self, state: State | None = None, *, now: Callable[[], str]) -> None:
        self._kept = state
        self._entries: tuple[Entry, ...] = ()
        self._now = now
        self._lock = Lock()
        self._holder: Holder | None = None

    def read(self) -> State | None:
        """What was written, with what was appended since."""
        return self._kept and replay(self._kept, self._entries)

    def write(self, state: State) -> None:
        """Keep a state that succeeds the one that is kept."""
        check_succession(self.read(), state)
        self._kept, self._entries = state, ()

    def append(self, *entries: Entry) -> None:
        """Keep finished changes."""
        self._kept = self._kept or State(lineage=str(uuid4()))
        self._entries += entries

    def overwrite(self, state: State) -> None:
        """Keep this state, whatever is kept."""
        self._kept, self._entries = state, ()

    def remove(self) -> None:
        """Keep nothing any more."""
        self._kept, self._entries = None, ()

    @contextmanager
    def lock(self, operation: str) -> Iterator[Holder]:
        """Be the only writer."""
        if not self._lock.acquire(blocking=False):
            raise locked_by(self._holder, _PLACE)
        try:
            self._holder = new_holder(operation, self._now())
            yield self._holder
        finally:
            self._holder = None
            self._lock.release()

    def unlock(self, lock_id: str) -> Holder:
        """Always refused: whoever holds this lock lives as long as the state does."""
        holder = self._holder
        if holder is None:
            raise not_locked(_PLACE)
        raise held_alive(holder, _PLACE) if holder.id == lock_id else other_lock(holder, lock_id, _PLACE)
