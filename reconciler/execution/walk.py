"""Visits in threads, results in one: only the calling thread may touch state."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Hashable, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import field
from graphlib import TopologicalSorter
from typing import Generic, TypeVar

from reconciler.model.diagnostic import EnvformError
from reconciler.model.frozen import dataclass

Item = TypeVar("Item", bound=Hashable)
Result = TypeVar("Result")

_PATIENCE = 10.0


@dataclass(slots=True)
class Omitted(Generic[Item]):
    """What a walk did not begin: because it was stopped, or because of an item below that failed."""

    stopped: list[Item] = field(default_factory=list)
    blocked: dict[Item, Item] = field(default_factory=dict)


def walk(
    edges: Mapping[Item, Collection[Item]],
    visit: Callable[[Item], Result],
    finished: Callable[[Item, Result | EnvformError], None],
    parallelism: int,
    stopped: Callable[[], bool],
    waiting: Callable[[Collection[Item]], None] = lambda _: None,
) -> Omitted[Item]:
    """Visit every item after all that it stands on; each outcome goes to `finished` as soon as it is there.

    Whenever nothing has finished for a while, `waiting` is told what is running.

    What stands on a failed item is not begun. Once `stopped` says so nothing more is begun at all; what is
    running is finished and handed over.
    """
    with ThreadPoolExecutor(max_workers=parallelism) as pool:
        walking = _Walk(edges, visit, parallelism, stopped, pool)
        while walking.begin_all_that_can():
            outcomes = walking.outcomes()
            for item, outcome in outcomes:
                finished(item, outcome)
                walking.done(item, failed=isinstance(outcome, EnvformError))
            if not outcomes:
                waiting(walking.running)
    return walking.omitted


class _Walk(Generic[Item, Result]):
    """The items in their order, those that run, and those that cannot any more."""

    def __init__(
        self,
        edges: Mapping[Item, Collection[Item]],
        visit: Callable[[Item], Result],
        parallelism: int,
        stopped: Callable[[], bool],
        pool: Executor,
    ) -> None:
        self.omitted = Omitted[Item]()
        self._edges = edges
        self._visit = visit
        self._parallelism = parallelism
        self._stopped = stopped
        self._pool = pool
        self._order = TopologicalSorter(edges)
        self._order.prepare()
        self._ready: deque[Item] = deque()
        self._running: dict[Future[Result], Item] = {}
        self._causes: dict[Item, Item] = {}

    def begin_all_that_can(self) -> bool:
        """Whether anything runs now."""
        self._ready.extend(self._order.get_ready())
        while self._ready and len(self._running) < self._parallelism:
            item = self._ready.popleft()
            cause = next((self._causes[below] for below in self._edges[item] if below in self._causes), None)
            if cause is not None:
                self.omitted.blocked[item] = cause
                self._causes[item] = cause
                self._pass(item)
            elif self._stopped():
                self.omitted.stopped.append(item)
                self._pass(item)
            else:
                self._running[self._pool.submit(self._visit, item)] = item
        return bool(self._running)

    @property
    def running(self) -> Collection[Item]:
        """The items that are being visited."""
        return tuple(self._running.values())

    def outcomes(self) -> list[tuple[Item, Result | EnvformError]]:
        """Wait for the next results, and not for ever."""
        done, _ = wait(self._running, timeout=_PATIENCE, return_when=FIRST_COMPLETED)
        found: list[tuple[Item, Result | EnvformError]] = []
        for future in done:
            outcome = _outcome_of(future)
            found.append((self._running.pop(future), outcome))
        return found

    def done(self, item: Item, *, failed: bool) -> None:
        """What stands on the item may begin, or never can."""
        if failed:
            self._causes[item] = item
        self._pass(item)

    def _pass(self, item: Item) -> None:
        self._order.done(item)
        self._ready.extend(self._order.get_ready())


def _outcome_of(future: Future[Result]) -> Result | EnvformError:
    """What a visit returned, or the one kind of error that may end a visit without ending the walk."""
    try:
        return future.result()
    except EnvformError as error:
        return error
