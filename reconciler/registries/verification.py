"""Reading content so that nothing wrong is ever taken for right."""

from __future__ import annotations

import hashlib
from io import BufferedReader, RawIOBase
from typing import TYPE_CHECKING, BinaryIO

from reconciler.model.diagnostic import RegistryError
from reconciler.oci.descriptor import Descriptor
from reconciler.registries import failures

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BUFFER = 1 << 17


def verified(source: BinaryIO, descriptor: Descriptor, where: str) -> BinaryIO:
    """The same content; its last piece is handed out only when size and digest of the whole are right."""
    return BufferedReader(_Verified(source, descriptor, where), _BUFFER)


class _Verified(RawIOBase):
    def __init__(self, source: BinaryIO, descriptor: Descriptor, where: str) -> None:
        self._source = source
        self._descriptor = descriptor
        self._where = where
        self._hasher = hashlib.sha256()
        self._seen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        try:
            chunk = self._source.read(len(view))
        except OSError as cause:
            raise RegistryError(
                "Registry content cannot be read", f"{self._descriptor.digest} in {self._where}: {cause}."
            ) from cause
        self._hasher.update(chunk)
        self._seen += len(chunk)
        self._check(ended=not chunk)
        view[: len(chunk)] = chunk
        return len(chunk)

    def _check(self, *, ended: bool) -> None:
        size, digest = self._descriptor.size, self._descriptor.digest
        if self._seen > size or (ended and self._seen < size):
            raise failures.corrupt(self._where, f"{digest} should have {size} bytes and has not")
        if self._seen == size and self._hasher.hexdigest() != digest.hex:
            raise failures.corrupt(self._where, f"{digest} has content of another digest")

    def close(self) -> None:
        self._source.close()
        super().close()
