"""Signals that reach this process are handed on to a job, as if a shell had started it."""

from __future__ import annotations

import math
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TypedDict

from reconciler.model.work import Job, Outcome

_HANDED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
ASK_TO_END = {signal.SIGINT, signal.SIGTERM, signal.SIGQUIT}


class Streams(TypedDict, total=False):
    """As subprocess calls them."""

    stdin: int
    stdout: IO[bytes]
    stderr: IO[bytes]


def wait_for(process: subprocess.Popen[bytes], wakes: int, hand_on: Callable[[int], None], limit: float) -> Outcome:
    """How it ended; signals are handed on as they come. Asked twice to end, or out of time, the job is killed.

    `wakes` is of `caught` from before it was started, so that no signal ends us and leaves it behind.
    """
    asked, in_time = 0, True
    end = time.monotonic() + limit if limit else math.inf
    with _watched(process) as ends:
        while process.poll() is None:
            left = end - time.monotonic()
            if left <= 0:
                end, in_time = math.inf, False
                hand_on(signal.SIGKILL)
                continue
            ready, _, _ = select.select([ends, wakes], [], [], None if left == math.inf else left)
            for number in os.read(wakes, 64) if wakes in ready else b"":
                asked += number in ASK_TO_END
                with suppress(BrokenPipeError):
                    hand_on(signal.SIGKILL if asked > 1 else number)
    code = process.returncode
    return Outcome(128 - code if code < 0 else code, in_time)


@contextmanager
def streams(job: Job) -> Iterator[Streams]:
    """What a job is given in the place of this process's own streams, where it is given anything."""
    if not job.output:
        yield {}
        return
    with Path(job.output).open("ab") as file:
        yield {"stdin": subprocess.DEVNULL, "stdout": file, "stderr": file}


@contextmanager
def _watched(process: subprocess.Popen[bytes]) -> Iterator[int]:
    """A descriptor that becomes readable when the process ends."""
    descriptor = os.pidfd_open(process.pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def caught(also: tuple[signal.Signals, ...] = ()) -> Iterator[int]:
    """A descriptor from which the numbers of signals can be read; only the main thread may ask for them."""
    wakes, woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    before: dict[signal.Signals, object] = {}
    main = threading.current_thread() is threading.main_thread()
    earlier = signal.set_wakeup_fd(woken, warn_on_full_buffer=False) if main else -1
    try:
        for number in (*_HANDED_ON, *also) if main else ():
            before[number] = signal.signal(number, lambda *_: None)
        yield wakes
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what was there before
        if main:
            signal.set_wakeup_fd(earlier)
        os.close(wakes)
        os.close(woken)
