"""Trying again where that may help: a registry that is busy, a connection that broke."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from reconciler.model.address import Address
from reconciler.model.diagnostic import AdapterError
from reconciler.model.event import ChangeProgressed
from reconciler.model.frozen import dataclass
from reconciler.protocols import EventSink

_PAUSES = (1.0, 3.0, 9.0)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Persistence:
    """`pause` waits about so many seconds; once `stopped` says so, nothing is tried again."""

    pause: Callable[[float], None]
    stopped: Callable[[], bool]
    emit: EventSink

    def insist(self, address: Address, work: Callable[[], Result]) -> Result:
        """What the work gives; only errors that call themselves temporary are worth another try."""
        for seconds in _PAUSES:
            try:
                return work()
            except AdapterError as error:
                if not error.temporary or self.stopped():
                    raise
                why = "; ".join(item.summary for item in error.diagnostics)
                self.emit(ChangeProgressed(address, f"{why}. Trying again in {seconds:.0f}s"))
            self.pause(seconds)
        return work()
