"""Files of a layout folder: read without surprises, written whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EINVAL
from pathlib import Path
from typing import BinaryIO

from reconciler.model.diagnostic import RegistryError


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Turn what the system says against reading into a RegistryError."""
    try:
        yield
    except OSError as cause:
        raise RegistryError(
            "Registry folder cannot be read",
            f"The image layout `{folder}` cannot be read: {_told(cause)}. Whether an image is there cannot be told "
            "until this is put right.",
        ) from cause


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn what the system says against writing into a RegistryError."""
    try:
        yield
    except OSError as cause:
        raise RegistryError(
            "Registry folder cannot be written",
            f"The image layout `{folder}` cannot be written: {_told(cause)}. What was there before is unharmed. Put "
            "this right, or set `registry` to a folder that you may write.",
        ) from cause


def _told(cause: OSError) -> str:
    reason = cause.strerror or str(cause)
    return f"{reason} (`{cause.filename}`)" if cause.filename else reason


def open_regular(path: Path) -> BinaryIO:
    """Open a file for reading; anything that is no plain file is refused, for a pipe would block for ever."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(EINVAL, "It is not a plain file", str(path))
    return os.fdopen(descriptor, "rb", buffering=0)


def read_at_most(path: Path, limit: int) -> bytes:
    """All of a file; one that is larger than the limit comes back one byte longer than it."""
    with open_regular(path) as file:
        pieces = bytearray()
        while len(pieces) <= limit and (chunk := file.read(limit + 1 - len(pieces))):
            pieces += chunk
    return bytes(pieces)


def create(path: Path) -> BinaryIO:
    """A new file, with the permissions that the user's mask gives to new files."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    return os.fdopen(descriptor, "wb", buffering=0)


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
