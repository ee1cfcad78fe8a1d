"""Many threads that want the same slow thing done: one does it for all that wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

from reconciler.model.diagnostic import RegistryError
from reconciler.model.frozen import dataclass

Item = TypeVar("Item")

_LONGEST_WAIT = 0.1
_UNFINISHED = RuntimeError("who took it on has crashed")


@dataclass(slots=True)
class _Waiting(Generic[Item]):
    item: Item
    done: bool = False
    error: Exception | None = _UNFINISHED


class Group(Generic[Item]):
    """`commit` is handed everything that waits, and answers with what went wrong for each item, in their order.

    While several come at a time, it is put off for as long as it took last, or until nobody else comes: the longer it
    takes, the more of them share it. Who comes alone does not wait.
    """

    def __init__(self, commit: Callable[[Sequence[Item]], Sequence[Exception | None]]) -> None:
        self._commit = commit
        self._waiting: list[_Waiting[Item]] = []
        self._mutex = Lock()
        self._turn = Lock()
        self._took = 0.0
        self._several = False

    def run(self, item: Item) -> None:
        """Returns when the item is done, whoever did it; raises what went wrong with it."""
        own = _Waiting(item)
        with self._mutex:
            self._waiting.append(own)
        with self._turn:
            if not own.done:
                self._lead()
        if own.error is not None:
            raise own.error

    def _lead(self) -> None:
        self._gather()
        with self._mutex:
            batch, self._waiting = self._waiting, []
        self._several = len(batch) > 1
        began = time.monotonic()
        try:
            errors = self._commit([one.item for one in batch])
        except (OSError, RegistryError) as error:
            errors = [error] * len(batch)
        self._took = min(time.monotonic() - began, _LONGEST_WAIT)
        for one, found in zip(batch, errors, strict=True):
            one.error, one.done = found, True

    def _gather(self) -> None:
        if self._several or len(self._waiting) > 1:
            time.sleep(self._took)
