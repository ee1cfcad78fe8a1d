"""Ctrl-C ends the program soon; where something must not be left half done, once to stop soon, twice to stop now."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from reconciler.cli.invocation import ExitCode, Invocation

_GRACE = 2.0


def end_soon(invocation: Invocation) -> None:
    """From now on Ctrl-C ends the program, even where the main thread waits for others that wait for a silent server.

    It is raised as ever, so that what is open is put away. A shell that has us ignore it is obeyed.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        import threading

        signal.signal(signal.SIGINT, lambda *_: end())
        timer = threading.Timer(_GRACE, end)
        timer.daemon = True
        timer.start()
        raise KeyboardInterrupt

    def end() -> NoReturn:
        try:
            invocation.err.line("Interrupted.")
        finally:
            os._exit(ExitCode.INTERRUPTED)

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)


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
