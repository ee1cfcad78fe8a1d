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
    skipped: Callable[[Item], None],
    parallelism: int,
) -> None:
    """Visit every item; each outcome is handed to `finished` as soon as it is there.

    An interrupt stops handing out: what is running is finished and handed over, the rest goes to
    `skipped`, and then the interrupt goes on its way.
    """
    waiting = list(reversed(list(items)))
    running: dict[Future[Result], Item] = {}
    interrupted: KeyboardInterrupt | None = None
    with ThreadPoolExecutor(max_workers=parallelism) as pool:
        while running or (waiting and not interrupted):
            try:
                while waiting and not interrupted and len(running) < parallelism:
                    item = waiting.pop()
                    running[pool.submit(visit, item)] = item
                done, _ = wait(running, return_when=FIRST_COMPLETED)
            except KeyboardInterrupt as interrupt:
                interrupted = interrupt
                continue
            for future in done:
                outcome = _outcome_of(future)
                finished(running.pop(future), outcome)
    for item in reversed(waiting):
        skipped(item)
    if interrupted:
        raise interrupted


def _outcome_of(future: Future[Result]) -> Result | AdapterError:
    """What a visit returned, or the one kind of error that may end a visit without ending the walk."""
    try:
        return future.result()
    except AdapterError as error:
        return error
