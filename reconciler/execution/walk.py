"""Visits in threads, results in one: only the calling thread may touch state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from reconciler.model.diagnostic import AdapterError

Item = TypeVar("Item")
Result = TypeVar("Result")


def walk(
    items: Iterable[Item],
    visit: Callable[[Item], Result],
    finished: Callable[[Item, Result | AdapterError], None],
    parallelism: int,
    stopped: Callable[[], bool],
) -> list[Item]:
    """Visit every item; each outcome is handed to `finished` as soon as it is there.

    Once `stopped` says so nothing more is begun; what is running is finished and handed over, and the
    items that were never begun are returned.
    """
    waiting = list(reversed(list(items)))
    running: dict[Future[Result], Item] = {}
    with ThreadPoolExecutor(max_workers=parallelism) as pool:
        while running or (waiting and not stopped()):
            while waiting and len(running) < parallelism and not stopped():
                item = waiting.pop()
                running[pool.submit(visit, item)] = item
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                outcome = _outcome_of(future)
                finished(running.pop(future), outcome)
    return waiting[::-1]


def _outcome_of(future: Future[Result]) -> Result | AdapterError:
    """What a visit returned, or the one kind of error that may end a visit without ending the walk."""
    try:
        return future.result()
    except AdapterError as error:
        return error
