"""One connection for one thread that has many questions without a body to ask.

It understands the plain answer only: 200, whole, and in doubt about nothing. For every other one it has no answer, and
whoever asked asks once more by the way that knows refusals, redirects and trouble. That leaves it a tenth of the work.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping

_LARGEST = 1 << 15
_END = b"\r\n\r\n"
_PLAIN = "HTTP/1.1 200 "
_MOST_DOUBTS = 2

Connect = Callable[[], socket.socket]
Told = Mapping[str, str]


class Line:
    """`connect` gives a connection to the registry itself, not to a proxy. After two doubts in a row it is silent."""

    def __init__(self, connect: Connect, host: str) -> None:
        self._connect = connect
        self._host = host
        self._socket: socket.socket | None = None
        self._doubts = 0

    def head(self, path: str, headers: Mapping[str, str]) -> Told | None:
        """The headers of a plain answer, their names spelled as in `Content-Type`; None where there was none."""
        question = _spelled(self._host, path, headers)
        if question is None or self._doubts >= _MOST_DOUBTS:
            return None
        told = self._answer(question)
        self._doubts = 0 if told is not None else self._doubts + 1
        if told is None or told.get("Connection", "keep-alive").lower() != "keep-alive":
            self.close()
        return told

    def close(self) -> None:
        """Let the connection go."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _answer(self, question: bytes) -> Told | None:
        try:
            if self._socket is None:
                self._socket = self._connect()
            self._socket.sendall(question)
            return _understood(_received(self._socket))
        except (OSError, ValueError):
            return None


def _spelled(host: str, path: str, headers: Mapping[str, str]) -> bytes | None:
    """None for what could be read as something else than one question: tokens come from elsewhere."""
    lines = (f"HEAD {path} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in headers.items()))
    if not all(line.isascii() and line.isprintable() for line in lines):
        return None
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def _received(connection: socket.socket) -> bytes:
    """All there is until the headers end."""
    received = b""
    while _END not in received and len(received) < _LARGEST:
        piece = connection.recv(_LARGEST)
        if not piece:
            break
        received += piece
    return received


def _understood(received: bytes) -> Told | None:
    """None where anything but headers came, or they might be read in two ways. What is told twice has both values."""
    if received.find(_END) != len(received) - len(_END):
        return None
    first, *lines = received[: -len(_END)].decode("latin-1").split("\r\n")
    if not first.startswith(_PLAIN):
        return None
    told: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or any(map(str.isspace, name)):
            return None
        name, value = name.title(), value.strip(" \t")
        told[name] = f"{told[name]}, {value}" if name in told else value
    return told
