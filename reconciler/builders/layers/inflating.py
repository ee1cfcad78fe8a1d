"""Raw deflate streams unpacked, and checksums: by zlib-ng, in half of the time that zlib takes, where there is one.

It refuses what zlib refuses. Faster ones do not: what they would take, readers of layers would not.
"""

from __future__ import annotations

from typing import BinaryIO, Protocol, cast

try:
    from zlib_ng import zlib_ng as zlib
    from zlib_ng.gzip_ng import GzipNGFile as GzipFile
except ImportError:  # it is made for few processors
    import zlib  # type: ignore[no-redef]  # they are called alike
    from gzip import GzipFile  # type: ignore[assignment]

__all__ = ["DamagedError", "Inflate", "begin", "crc32", "gunzipped"]
DamagedError = cast("type[Exception]", zlib.error)
crc32 = zlib.crc32


class Inflate(Protocol):
    """One stream; what is left of its input tells whether it ended where it should."""

    @property
    def eof(self) -> bool:
        """Whether the end was read."""

    @property
    def unused_data(self) -> bytes:
        """What came after the end."""

    @property
    def unconsumed_tail(self) -> bytes:
        """What was left because the output was full."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """The next bytes; raises DamagedError where what came is no stream."""


def begin() -> Inflate:
    """A stream that has no head and no checksum of its own, as they lie in zip files."""
    return zlib.decompressobj(-15)


def gunzipped(file: BinaryIO) -> BinaryIO:
    """What gzip members unpack to, one after the other; reading it raises DamagedError, EOFError or OSError."""
    return cast("BinaryIO", GzipFile(fileobj=file))  # type: ignore[no-untyped-call]  # its types say nothing of it
