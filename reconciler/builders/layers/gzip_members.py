"""A layer as concatenated gzip members: what a wheel has deflated passes through, all else is stored, or packed.

Layers of wheels store: their digest is a function of the wheels, whichever compressor is there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import BinaryIO

from reconciler.builders.layers.inflating import crc32
from reconciler.builders.layers.packing import PIECE, pack
from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass

_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
_LARGEST_BLOCK = 0xFFFF
_BATCH = 1 << 18


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the digest of the blob and its size, and the digest of the archive inside it."""

    digest: Digest
    size: int
    diff_id: Digest


class GzipMembers:
    """Writes an archive to a file, and knows both digests at the end."""

    def __init__(self, file: BinaryIO, *, packed: bool = False) -> None:
        self._packed = packed
        self._blob, self._archive = _Hashed(file.write), _Hashed()
        self._waiting: list[bytes] = []
        self._held = 0
        self._open = False
        self._crc = self._length = 0

    def store(self, content: bytes) -> None:
        """Add bytes of the archive; they are compressed where all of it is to be packed."""
        self._archive.add(content)
        self._waiting.append(content)
        self._held += len(content)
        if self._packed and self._held >= PIECE:
            self._pack(PIECE)
        elif not self._packed and self._held > _LARGEST_BLOCK:
            self._blocks(last=False)

    def pass_through(self, pieces: Iterable[tuple[bytes, bytes]], crc: int, length: int) -> None:
        """Add deflated bytes with what they unpack to; whoever gives them has checked that they do."""
        self._end_waiting()
        self._blob.add(_HEADER)
        for packed, content in pieces:
            self._archive.add(content)
            if packed:
                self._blob.add(packed)
        self._blob.add(_trailer(crc, length))

    def finish(self) -> Written:
        """End the blob."""
        self._end_waiting()
        return Written(self._blob.digest(), self._blob.size, self._archive.digest())

    def _end_waiting(self) -> None:
        if self._packed:
            self._pack(1)
        elif self._held or self._open:
            self._blocks(last=True)
            self._blob.add(_trailer(self._crc, self._length))
            self._open = False
            self._crc = self._length = 0

    def _pack(self, least: int) -> None:
        content, begin = b"".join(self._waiting), 0
        while len(content) - begin >= least:
            self._blob.add(pack(content[begin : begin + PIECE]))
            begin += PIECE
        self._waiting, self._held = [content[begin:]], max(len(content) - begin, 0)

    def _blocks(self, *, last: bool) -> None:
        """Write what waits in blocks as large as they may be; what fills none waits on, if it is not the last."""
        content = b"".join(self._waiting)
        if not self._open:
            self._blob.add(_HEADER)
            self._open = True
        begin = 0
        while len(content) - begin > _LARGEST_BLOCK:
            self._blob.add(_block(content[begin : begin + _LARGEST_BLOCK], last=False))
            begin += _LARGEST_BLOCK
        rest = content[begin:]
        if last:
            self._blob.add(_block(rest, last=True))
        done = content if last else content[:begin]
        self._crc, self._length = crc32(done, self._crc), self._length + len(done)
        self._waiting, self._held = ([], 0) if last else ([rest], len(rest))


class _Hashed:
    """Hashes, and hands on, in large pieces what comes in small ones: each piece has a price of its own."""

    def __init__(self, take: Callable[[bytes], object] | None = None) -> None:
        self.size = 0
        self._take = take
        self._hasher = hashlib.sha256()
        self._waiting: list[bytes] = []
        self._held = 0

    def add(self, content: bytes) -> None:
        """More of it."""
        if len(content) >= _BATCH:
            self._flush()
            self._hand_on(content)
            return
        self._waiting.append(content)
        self._held += len(content)
        if self._held >= _BATCH:
            self._flush()

    def digest(self) -> Digest:
        """Of all that came."""
        self._flush()
        return Digest(f"sha256:{self._hasher.hexdigest()}")

    def _flush(self) -> None:
        self._hand_on(b"".join(self._waiting))
        self._waiting, self._held = [], 0

    def _hand_on(self, content: bytes) -> None:
        self._hasher.update(content)
        if self._take:
            self._take(content)
        self.size += len(content)


def _block(content: bytes, *, last: bool) -> bytes:
    size = len(content)
    return (b"\1" if last else b"\0") + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little") + content


def _trailer(crc: int, length: int) -> bytes:
    return crc.to_bytes(4, "little") + (length & 0xFFFFFFFF).to_bytes(4, "little")
