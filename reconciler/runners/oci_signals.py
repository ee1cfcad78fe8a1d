"""Signals that reach this process reach the job, as if it were started by a shell.

A container's first process is number 1 in there, and the kernel keeps from it what it does not handle. A shell's child
would have ended then, so what such a signal would have ended is ended here.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_HANDED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
_ASK_TO_END = {signal.SIGINT, signal.SIGTERM, signal.SIGQUIT}
_GRACE = 10.0
_LOOK_AGAIN = 0.05
_ENDED = 128


class Waiting:
    """Waits for a container that a runtime has started; `pid_file` is where it tells the job's number."""

    def __init__(self, runtime: subprocess.Popen[bytes], pid_file: Path) -> None:
        self._runtime = runtime
        self._pid_file = pid_file
        self._asked = 0
        self._ending = 0
        self._deadline = 0.0

    def wait(self) -> int:
        """The exit code, as a shell would tell it."""
        with _caught() as wakes:
            ends = os.pidfd_open(self._runtime.pid)
            try:
                while self._runtime.poll() is None:
                    ready, _, _ = select.select([ends, wakes], [], [], _LOOK_AGAIN if self._ending else None)
                    for number in os.read(wakes, 64) if wakes in ready else b"":
                        self._hand_on(number)
                    self._end_what_waits()
            finally:
                os.close(ends)
        if self._ending:
            return _ENDED + self._ending
        code = self._runtime.returncode
        return code if code >= 0 else _ENDED - code

    def _hand_on(self, number: int) -> None:
        self._asked += number in _ASK_TO_END
        job = self._job()
        if job is None:
            self._runtime.terminate()  # nothing runs yet that could be asked
        elif self._asked > 1:
            self._ending, self._deadline = self._ending or number, 0.0
        else:
            if not _handles(job, number):
                self._ending, self._deadline = number, time.monotonic() + _GRACE
            with suppress(ProcessLookupError):
                os.killpg(job, number)

    def _end_what_waits(self) -> None:
        """The others that were asked may finish first, for a shell waits for them too."""
        job = self._job() if self._ending else None
        if job is not None and (time.monotonic() > self._deadline or not _children(job)):
            with suppress(ProcessLookupError):
                os.kill(job, signal.SIGKILL)

    def _job(self) -> int | None:
        try:
            return int(self._pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return None


def _handles(process: int, number: int) -> bool:
    """Whether a process catches or ignores a signal on purpose."""
    for line in _lines(process, "status"):
        name, _, value = line.partition(":")
        if name in ("SigCgt", "SigIgn") and int(value, 16) & (1 << (number - 1)):
            return True
    return False


def _children(process: int) -> list[str]:
    return " ".join(_lines(process, f"task/{process}/children")).split()


def _lines(process: int, name: str) -> list[str]:
    try:
        return Path(f"/proc/{process}/{name}").read_text().splitlines()
    except OSError:
        return []


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
