"""Signals that reach this process are handed on to a job, as if a shell had started it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_HANDED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
_ASK_TO_END = {signal.SIGINT, signal.SIGTERM, signal.SIGQUIT}


def wait_for(process: subprocess.Popen[bytes], hand_on: Callable[[int], None]) -> int:
    """The exit code; signals are handed on as they come. Asked twice to end, the job is killed."""
    asked = 0
    with _caught() as wakes, _watched(process) as ends:
        while process.poll() is None:
            ready, _, _ = select.select([ends, wakes], [], [])
            for number in os.read(wakes, 64) if wakes in ready else b"":
                asked += number in _ASK_TO_END
                with suppress(BrokenPipeError):
                    hand_on(signal.SIGKILL if asked > 1 else number)
    return process.returncode


@contextmanager
def _watched(process: subprocess.Popen[bytes]) -> Iterator[int]:
    """A descriptor that becomes readable when the process ends."""
    descriptor = os.pidfd_open(process.pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _caught() -> Iterator[int]:
    """A descriptor from which the numbers of signals can be read; only the main thread may ask for them."""
    wakes, woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    before: dict[signal.Signals, object] = {}
    main = threading.current_thread() is threading.main_thread()
    earlier = signal.set_wakeup_fd(woken, warn_on_full_buffer=False) if main else -1
    try:
        for number in _HANDED_ON if main else ():
            before[number] = signal.signal(number, lambda *_: None)
        yield wakes
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what was there before
        if main:
            signal.set_wakeup_fd(earlier)
        os.close(wakes)
        os.close(woken)
