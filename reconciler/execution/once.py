"""Work that several threads want done, done by the first of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import field
from threading import Lock
from typing import Generic, TypeVar

from reconciler.model.frozen import dataclass

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")


@dataclass(slots=True)
class Once(Generic[Key, Result]):
    """What came of each piece of work in this run; what failed is begun anew by whoever asks next."""

    _begun: dict[Key, Future[Result]] = field(default_factory=dict)
    _mutex: Lock = field(default_factory=Lock)

    def do(self, key: Key, work: Callable[[], Result]) -> Result:
        """Who asks first works, who comes later waits and has the same."""
        own: Future[Result] = Future()
        with self._mutex:
            found = self._begun.setdefault(key, own)
        if found is not own:
            return found.result()
        try:
            own.set_result(work())
        except BaseException as error:
            with self._mutex:
                del self._begun[key]
            own.set_exception(error)
            raise
        return own.result()

    def is_begun(self, key: Key) -> bool:
        """Whether somebody has asked for it, and it has not failed."""
        with self._mutex:
            return key in self._begun
