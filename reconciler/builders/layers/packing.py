"""The one way in which anything is compressed: equal bytes in, equal bytes out, on every machine.

zlib promises no such thing, for each of its makers packs in another way. libdeflate does, for one version of it at a
time; the wheels of `deflate` bring it along, and which one is said in pyproject.toml.
"""

from __future__ import annotations

from deflate import gzip_compress

PACKING = "libdeflate-6"  # moves with every change of what comes out
PIECE = 1 << 20


def pack(content: bytes) -> bytes:
    """A gzip member, without a name and a time."""
    return bytes(gzip_compress(content, 6))
