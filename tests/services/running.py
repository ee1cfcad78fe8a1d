"""A program that serves: from when its log says that it is ready until the block ends."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

DEADLINE = 60.0
LOOK_AGAIN = 0.02
GRACE = 20.0


class NotReadyError(Exception):
    """The program ended, or was silent for too long; holds the last line of its log."""


@contextmanager
def running(command: Sequence[str | Path], log: Path, ready: str) -> Iterator[re.Match[str]]:
    """Run a program; gives the match of `ready` in its log. It is ended by its process id, whatever happens here."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*_bound_to_us(), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for pytest, which ends this in its own order
        )
    try:
        yield _await(process, log, ready)
    finally:
        _end(process)


def _bound_to_us() -> list[str]:
    """Linux ends it even when we are killed and cannot."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []


def _await(process: subprocess.Popen[bytes], log: Path, ready: str) -> re.Match[str]:
    deadline = time.monotonic() + DEADLINE
    while True:
        ended = process.poll() is not None
        text = log.read_text(errors="replace")
        if match := re.search(ready, text):
            return match
        if ended or time.monotonic() > deadline:
            raise NotReadyError((text.splitlines() or ["it said nothing"])[-1])
        time.sleep(LOOK_AGAIN)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
