"""The body of a request as it comes over a connection: so long as was said, or in chunks."""

from __future__ import annotations

from io import RawIOBase
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_LONGEST_LINE = 4096


class BrokenBodyError(Exception):
    """The connection ended too early, or sends nonsense: nothing more can be understood of it."""


class RequestBody(RawIOBase):
    """Reads no further than the request goes. `length` is None for one in chunks."""

    def __init__(self, connection: BinaryIO, length: int | None) -> None:
        self._connection = connection
        self._chunked = length is None
        self._left = length or 0
        self._ended = False

    def readable(self) -> bool:
        """It is."""
        return True

    @property
    def finished(self) -> bool:
        """Whether the next request begins here."""
        return self._ended or (not self._chunked and not self._left)

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """What comes next; nothing at the end."""
        if self._chunked and not self._left and not self._ended:
            self._left = self._next_chunk()
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), self._left)
        if not wanted:
            return 0
        piece = self._connection.read(wanted)
        if len(piece) < wanted:
            raise BrokenBodyError
        view[:wanted] = piece
        self._left -= wanted
        if self._chunked and not self._left and self._connection.readline(_LONGEST_LINE).strip():
            raise BrokenBodyError
        return wanted

    def _next_chunk(self) -> int:
        line = self._connection.readline(_LONGEST_LINE).partition(b";")[0].strip()
        try:
            size = int(line, 16) if line.isalnum() else -1
        except ValueError:
            size = -1
        if size < 0:
            raise BrokenBodyError
        if not size:
            self._ended = True
            while self._connection.readline(_LONGEST_LINE).strip():
                pass
        return size
