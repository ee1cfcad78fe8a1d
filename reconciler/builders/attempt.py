"""One try at building something: whom it tells, what it writes down, and when it has to end.

It is handed on as the event sink that it wraps, so that builders which know nothing of it need not.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from reconciler.model.diagnostic import BuildError
from reconciler.model.event import Event
from reconciler.model.number_text import counted
from reconciler.oci.image import Blob
from reconciler.protocols import EventSink

_INSTRUCTION = 200


def _nobody(_: object) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True)
class Attempt:
    """`note` keeps a line in the log alone; `limit` are the seconds that it may take, 0 for as many as it needs.

    `made` is told of each layer that is finished, long before the image is.
    """

    emit: EventSink
    note: Callable[[str], None] = _nobody
    made: Callable[[Blob], None] = _nobody
    stopped: Callable[[], bool] = lambda: False
    limit: float = 0.0
    begun: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, emit: EventSink) -> Attempt:
        """The attempt that a sink is; one without a log and without an end for any other."""
        return emit if isinstance(emit, Attempt) else cls(emit)

    def __call__(self, event: Event) -> None:
        """Tell."""
        self.emit(event)

    @property
    def is_over(self) -> bool:
        """Whether it is to end without a result."""
        return self.stopped() or self._is_late

    @property
    def _is_late(self) -> bool:
        return bool(self.limit) and time.monotonic() - self.begun > self.limit

    def check(self) -> None:
        """BuildError where it is to end."""
        if self.is_over:
            raise self.ended()

    def ended(self, step: str = "") -> BuildError:
        """Why it ended without a result."""
        line = " ".join(step.split())
        during = f" during `{line if len(line) <= _INSTRUCTION else f'{line[:_INSTRUCTION]}…'}`" if line else ""
        if self.stopped():
            return BuildError(
                "Build was stopped", f"The build was interrupted{during}. Nothing was published; apply again."
            )
        return BuildError(
            "Build took too long",
            f"The build was ended{during} after {counted(self.limit, 'second')}, for `-build-timeout` allows no more. "
            "Nothing was published. What was finished is kept, so the next apply goes on from there; allow it more "
            "time if this was simply too little.",
        )
