"""Work on many packages at once, and what is told of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from threading import BoundedSemaphore, Lock
from typing import TypeVar

from reconciler.builders.attempt import Attempt
from reconciler.model.address import Address
from reconciler.model.event import ChangeProgressed
from reconciler.oci.image import Blob
from reconciler.protocols import EventSink

AT_ONCE = 8
# Who fetches waits for others most of the time. Who reads wheels does not, and more of them than processors hinder
# each other: Python lets one at a time do what is not inflating or hashing.
BUSY = BoundedSemaphore(os.cpu_count() or 1)
_MIB = 1 << 20
_SELDOM = 1.0
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class StoppedError(Exception):
    """Other work failed, or the user stopped it; this piece ends where it is."""


class Progress:
    """Tells now and then how much was brought; ends downloads where their result is not wanted any more."""

    def __init__(self, emit: EventSink, total: int) -> None:
        self._attempt = Attempt.of(emit)
        self._total = total
        self._brought = 0
        self._next = time.monotonic() + _SELDOM
        self._lock = Lock()
        self.stopped = False

    def seen(self, size: int) -> None:
        """So many bytes more were brought."""
        self.check()
        with self._lock:
            self._brought += size
            due = time.monotonic() >= self._next
            if due:
                self._next = time.monotonic() + _SELDOM
                done, total = self._brought // _MIB, max(self._total, self._brought) // _MIB
                self._attempt.emit(ChangeProgressed(Address(""), "Downloading packages, MiB:", done, total))

    def check(self) -> None:
        """Ends this piece of the work where its result is not wanted any more."""
        if self.stopped:
            raise StoppedError
        self._attempt.check()

    def made(self, layer: Blob) -> None:
        """A layer is finished."""
        self._attempt.made(layer)

    def note(self, text: str) -> None:
        """A line for the log alone."""
        self._attempt.note(text)


def each(work: Callable[[_Item], _Result], items: Iterable[_Item], progress: Progress) -> list[_Result]:
    """The results in the order of the items; the first error ends all that has not begun."""
    waiting = list(items)

    def begun(item: _Item) -> _Result:
        progress.check()
        return work(item)

    if len(waiting) < 2:
        return [begun(item) for item in waiting]
    with ThreadPoolExecutor(min(AT_ONCE, len(waiting))) as pool:
        futures = [pool.submit(begun, item) for item in waiting]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
            _raise_first(futures)
            return [future.result() for future in futures]
        except BaseException:
            progress.stopped = True
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _raise_first(futures: Iterable[Future[_Result]]) -> None:
    failed = (future.exception() for future in futures if future.done())
    if error := next((error for error in failed if error), None):
        raise error
