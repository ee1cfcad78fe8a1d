"""What a job in an engine reads and writes, as if it had been started here."""

from __future__ import annotations

import math
import os
import select
import shutil
import signal
import struct
import sys
import termios
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import SHUT_WR
from typing import Any

from reconciler.model.work import Job
from reconciler.runners.oci_signals import ASK_TO_END, caught

_PIECE = 1 << 16
_HEADER = struct.Struct(">BxxxL")
_STDIN, _STDOUT, _STDERR = 0, 1, 2


class Attached:
    """The streams of one container that has not been started yet."""

    def __init__(self, connection: Any, job: Job) -> None:  # docker-py has a type for each way to reach an engine
        self._connection = connection
        self._raw = getattr(connection, "_sock", connection)
        self._job = job
        self._terminal = self.is_terminal() and not job.output
        self._broken = False

    @staticmethod
    def is_terminal() -> bool:
        """Whether a person sits there, at a terminal that is to be the job's."""
        return os.isatty(_STDIN) and os.isatty(_STDOUT)

    def run(self, hand_on: Callable[[int], None], resize: Callable[[int, int], None]) -> bool:
        """Until the job has ended, signals being handed on meanwhile; whether it ended in time."""
        ended, ends = os.pipe2(os.O_CLOEXEC)
        threads = [threading.Thread(target=self._write_out, args=[ends], daemon=True)]
        if not self._job.output:
            threads.append(threading.Thread(target=self._read_in, args=[ended], daemon=True))
        with self._raw_terminal(resize), caught((signal.SIGWINCH,) if self._terminal else ()) as wakes:
            for thread in threads:
                thread.start()
            in_time = self._wait(ended, wakes, hand_on, resize)
            if self._broken:  # nobody reads what it writes, which it cannot know by itself
                hand_on(signal.SIGKILL)
            for thread in threads:
                thread.join()
        os.close(ended)
        self._connection.close()
        return in_time

    def _wait(self, ended: int, wakes: int, hand_on: Callable[[int], None], resize: Callable[[int, int], None]) -> bool:
        asked, in_time = 0, True
        end = time.monotonic() + self._job.limit if self._job.limit else math.inf
        while True:
            left = end - time.monotonic()
            if left <= 0:
                end, in_time = math.inf, False
                hand_on(signal.SIGKILL)
                continue
            ready, _, _ = select.select([ended, wakes], [], [], None if left == math.inf else left)
            if ended in ready:
                return in_time
            for number in os.read(wakes, 64) if wakes in ready else b"":
                if number == signal.SIGWINCH:
                    resize(*_size())
                    continue
                asked += number in ASK_TO_END
                hand_on(signal.SIGKILL if asked > 1 else number)

    def _write_out(self, ends: int) -> None:
        """Closes `ends` when nothing comes any more."""
        try:
            with self._targets() as targets, suppress(OSError):
                if self._terminal:
                    while piece := self._raw.recv(_PIECE):
                        self._write(targets[_STDOUT], piece)
                else:
                    for stream, piece in self._frames():
                        self._write(targets[stream], piece)
        finally:
            os.close(ends)

    def _write(self, target: int, piece: bytes) -> None:
        try:
            while piece:
                piece = piece[os.write(target, piece) :]
        except BrokenPipeError:
            self._broken = True
            raise

    def _frames(self) -> Iterator[tuple[int, bytes]]:
        while len(header := self._exactly(_HEADER.size)) == _HEADER.size:
            stream, size = _HEADER.unpack(header)
            while size and (piece := self._raw.recv(min(size, _PIECE))):
                size -= len(piece)
                yield stream, piece

    def _exactly(self, size: int) -> bytes:
        found = b""
        while len(found) < size and (piece := self._raw.recv(size - len(found))):
            found += piece
        return found

    @contextmanager
    def _targets(self) -> Iterator[dict[int, int]]:
        if not self._job.output:
            sys.stdout.flush()
            yield {_STDIN: _STDOUT, _STDOUT: _STDOUT, _STDERR: _STDERR}
            return
        with Path(self._job.output).open("ab", buffering=0) as file:
            yield dict.fromkeys((_STDIN, _STDOUT, _STDERR), file.fileno())

    def _read_in(self, ended: int) -> None:
        with suppress(OSError, ValueError):
            while True:
                ready, _, _ = select.select([_STDIN, ended], [], [])
                if ended in ready:
                    return
                piece = os.read(_STDIN, _PIECE)
                if not piece:
                    self._raw.shutdown(SHUT_WR)
                    return
                self._raw.sendall(piece)

    @contextmanager
    def _raw_terminal(self, resize: Callable[[int, int], None]) -> Iterator[None]:
        """Each key goes to the job, Ctrl-C too: its own terminal knows what that means."""
        if not self._terminal:
            yield
            return
        before = termios.tcgetattr(_STDIN)
        resize(*_size())
        try:
            tty.setraw(_STDIN)
            yield
        finally:
            termios.tcsetattr(_STDIN, termios.TCSADRAIN, before)


def _size() -> tuple[int, int]:
    size = shutil.get_terminal_size()
    return size.lines, size.columns
