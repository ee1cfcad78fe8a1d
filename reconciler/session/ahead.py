"""Finished layers on their way to the registry, while the rest of their image is still being made."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from io import RawIOBase
from typing import TYPE_CHECKING, BinaryIO, cast

from reconciler.model.publication import CACHE
from reconciler.oci.image import Blob

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from reconciler.protocols import Registry

_AT_ONCE = 4


class Ahead:
    """Never relied on: what it has not sent, the push of the image sends, and what went wrong goes wrong there, too."""

    def __init__(self, registry: Callable[[], Registry]) -> None:
        self._registry = registry
        self._threads = ThreadPoolExecutor(_AT_ONCE)
        self._closed = False

    def send(self, layer: Blob) -> None:
        """Begin to send a layer, if that is worth it."""
        if not self._closed:
            self._threads.submit(self._bring, layer)

    def close(self) -> None:
        """Send nothing any more, not even the rest of what is being sent; nobody waits for any of it."""
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _bring(self, layer: Blob) -> None:
        self._registry().bring(CACHE, Blob(layer.descriptor, lambda: self._opened(layer)))

    def _opened(self, layer: Blob) -> BinaryIO:
        return cast("BinaryIO", _Endable(layer.open(), lambda: self._closed))


class _Endable(RawIOBase):
    """Content that can be cut off while somebody else reads it."""

    def __init__(self, source: BinaryIO, ended: Callable[[], bool]) -> None:
        self._source = source
        self._ended = ended

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """What comes next; CancelledError, which nobody takes for trouble with the registry, once it is to end."""
        if self._ended():
            raise CancelledError
        view = memoryview(buffer).cast("B")
        piece = self._source.read(len(view))
        view[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """Close the source, too."""
        self._source.close()
        super().close()
