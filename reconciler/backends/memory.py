"""State in memory: for tests, and for programs that keep it elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from uuid import uuid4

from reconciler.backends.promises import check_succession, locked_by, new_holder, replay
from reconciler.model.state import Entry, Holder, State


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

    def append(self, entry: Entry) -> None:
        """Keep one finished change."""
        self._kept = self._kept or State(lineage=str(uuid4()))
        self._entries += (entry,)

    @contextmanager
    def lock(self, operation: str) -> Iterator[Holder]:
        """Be the only writer."""
        if not self._lock.acquire(blocking=False):
            raise locked_by(self._holder, "in memory")
        try:
            self._holder = new_holder(operation, self._now())
            yield self._holder
        finally:
            self._holder = None
            self._lock.release()
