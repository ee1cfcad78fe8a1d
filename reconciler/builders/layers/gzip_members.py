"""A layer as concatenated gzip members: what a wheel has deflated passes through, all else is stored, or packed.

Layers of wheels store: their digest is a function of the wheels, whichever compressor is there.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from typing import BinaryIO

from reconciler.builders.layers.packing import PIECE, pack
from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass

_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
_LARGEST_BLOCK = 0xFFFF


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the digest of the blob and its size, and the digest of the archive inside it."""

    digest: Digest
    size: int
    diff_id: Digest


class GzipMembers:
    """Writes an archive to a file, and knows both digests at the end."""

    def __init__(self, file: BinaryIO, *, packed: bool = False) -> None:
        self._file = file
        self._packed = packed
        self._blob, self._archive = hashlib.sha256(), hashlib.sha256()
        self._size = 0
        self._waiting = bytearray()
        self._open = False
        self._crc = self._length = 0

    def store(self, content: bytes) -> None:
        """Add bytes of the archive; they are compressed where all of it is to be packed."""
        self._archive.update(content)
        if self._packed:
            self._waiting += content
            while len(self._waiting) >= PIECE:
                self._write(pack(bytes(self._waiting[:PIECE])))
                del self._waiting[:PIECE]
            return
        self._crc, self._length = zlib.crc32(content, self._crc), self._length + len(content)
        self._waiting += content
        while len(self._waiting) > _LARGEST_BLOCK:
            self._block(bytes(self._waiting[:_LARGEST_BLOCK]), last=False)
            del self._waiting[:_LARGEST_BLOCK]

    def pass_through(self, pieces: Iterable[tuple[bytes, bytes]], crc: int, length: int) -> None:
        """Add deflated bytes with what they unpack to; whoever gives them has checked that they do."""
        self._end_waiting()
        self._write(_HEADER)
        for packed, content in pieces:
            self._archive.update(content)
            if packed:
                self._write(packed)
        self._write(_trailer(crc, length))

    def finish(self) -> Written:
        """End the blob."""
        self._end_waiting()
        digests = [Digest(f"sha256:{hasher.hexdigest()}") for hasher in (self._blob, self._archive)]
        return Written(digests[0], self._size, digests[1])

    def _end_waiting(self) -> None:
        if self._packed and self._waiting:
            self._write(pack(bytes(self._waiting)))
            self._waiting.clear()
        if not self._length:
            return
        self._block(bytes(self._waiting), last=True)
        self._write(_trailer(self._crc, self._length))
        self._waiting.clear()
        self._open = False
        self._crc = self._length = 0

    def _block(self, content: bytes, *, last: bool) -> None:
        size = len(content)
        start = b"" if self._open else _HEADER
        self._open = True
        sizes = size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little")
        self._write(start + (b"\1" if last else b"\0") + sizes + content)

    def _write(self, content: bytes) -> None:
        self._file.write(content)
        self._blob.update(content)
        self._size += len(content)


def _trailer(crc: int, length: int) -> bytes:
    return crc.to_bytes(4, "little") + (length & 0xFFFFFFFF).to_bytes(4, "little")
