"""Ctrl-C while something must not be left half done: once to stop soon, twice to stop now."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from reconciler.cli.invocation import ExitCode, Invocation


@contextmanager
def stoppable(invocation: Invocation) -> Iterator[Callable[[], bool]]:
    """Gives the question whether the user wants to stop; only the main thread may ask for signals."""
    received = 0

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        nonlocal received
        received += 1
        if received > 1:
            # What is finished is in the journal, which the next command reads; threads cannot be ended otherwise.
            os._exit(ExitCode.INTERRUPTED)
        invocation.err.line("\nInterrupt received. Finishing what is running; interrupt again to stop at once.")

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: received > 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
