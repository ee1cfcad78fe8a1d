"""The last lines of a terminal: one for each environment that is worked on, drawn again where they stand."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TextIO, cast

from reconciler.cli.invocation import Invocation
from reconciler.model.event import (
    ChangeContinues,
    ChangeFailed,
    ChangeFinished,
    ChangeProgressed,
    ChangeStarted,
    Event,
)
from reconciler.rendering.progress import running_line
from reconciler.rendering.source_lines import columns

_MOST = 12
_PAUSE = 0.5
_UP, _CLEAR = "\x1b[{}A", "\r\x1b[J"


Takes = Callable[[Event], bool]


def takes_nothing(_: Event) -> bool:
    """Every event is told as a line of its own."""
    return False


@contextmanager
def live(invocation: Invocation, environ: Mapping[str, str] = os.environ) -> Iterator[tuple[Invocation, Takes]]:
    """The same with running work shown below all that it tells, and what must hear of the work.

    Elsewhere than on a terminal it stays as it is.
    """
    if not invocation.err.terminal or environ.get("TERM", "dumb") == "dumb":
        yield invocation, takes_nothing
        return
    lines = LiveLines(invocation.err.file, invocation.err.width, time.monotonic)
    done = threading.Event()
    thread = threading.Thread(target=lines.keep_drawing, args=(done,), daemon=True)
    thread.start()
    try:
        yield replace(invocation, err=replace(invocation.err, file=cast(TextIO, lines))), lines.takes
    finally:
        done.set()
        thread.join()
        lines.clear()


class LiveLines:
    """Stands before the terminal's file: what is written through it goes above the lines, which are drawn anew."""

    def __init__(self, file: TextIO, width: int, clock: Callable[[], float]) -> None:
        self._file, self._width, self._clock = file, width, clock
        self._running: dict[str, tuple[float, ChangeStarted | ChangeProgressed]] = {}
        self._drawn = 0
        # A signal's handler may write while this very thread does.
        self._lock = threading.RLock()

    @property
    def encoding(self) -> str:
        """That of the terminal."""
        return self._file.encoding

    def takes(self, event: Event) -> bool:
        """Remember what runs; whether the event needs no line of its own."""
        with self._lock:
            match event:
                case ChangeStarted(address, _):
                    self._running[address] = self._clock(), event
                case ChangeProgressed(address) if address in self._running:
                    self._running[address] = self._running[address][0], event
                    return True
                case ChangeContinues(address, _, _):
                    return address in self._running
                case ChangeFinished(address) | ChangeFailed(address):
                    self._running.pop(address, None)
            return False

    def write(self, text: str) -> None:
        """Text above the lines; a question without a newline stays the last thing on the screen."""
        with self._lock:
            self._file.write(self._erased() + text + (self._drawing() if text.endswith("\n") else ""))

    def flush(self) -> None:
        """Send what was written."""
        self._file.flush()

    def keep_drawing(self, done: threading.Event) -> None:
        """Draw again and again, so that the seconds go on, until it is done or nobody looks."""
        while not done.wait(_PAUSE):
            with self._lock:
                if not (self._running or self._drawn):
                    continue
                try:
                    self._file.write(self._erased() + self._drawing())
                    self._file.flush()
                except OSError:
                    return

    def clear(self) -> None:
        """Take the lines away."""
        with self._lock:
            self._running.clear()
            if self._drawn:
                self._file.write(self._erased())
                self._file.flush()

    def _erased(self) -> str:
        lines, self._drawn = self._drawn, 0
        return _UP.format(lines) + _CLEAR if lines else ""

    def _drawing(self) -> str:
        now = self._clock()
        long = [(event, now - begun) for begun, event in self._running.values() if now - begun >= _PAUSE]
        lines = [running_line(event, seconds) for event, seconds in long[:_MOST]]
        if len(long) > _MOST:
            lines.append(f"... and {len(long) - _MOST} more")
        self._drawn = len(lines)
        return "".join(f"{_cut(line, self._width - 1)}\n" for line in lines)


def _cut(line: str, width: int) -> str:
    """As much of it as fits: a line that wraps would not be taken away as one."""
    while columns(line) > width:
        line = line[:-1]
    return line
