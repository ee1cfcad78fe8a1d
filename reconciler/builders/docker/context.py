"""A build context as an archive whose bytes follow from its files: no time, no owner, no mode but that of programs."""

from __future__ import annotations

import errno
import hashlib
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import BinaryIO

from reconciler.builders.docker.blueprint import Sent
from reconciler.model.diagnostic import BuildError

_WRITTEN = 315532800  # 1980-01-01, the oldest time that every archiver can spell
_CHUNK = 1 << 20
_KINDS = {"file": tarfile.REGTYPE, "folder": tarfile.DIRTYPE, "link": tarfile.SYMTYPE}


def write_context(files: Iterable[Sent], name: str, dockerfile: str, into: BinaryIO) -> None:
    """Write the files, with this text for the Dockerfile; BuildError where one is not what was planned with."""
    have = False
    with tarfile.open(fileobj=into, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for sent in files:
            if sent.name == name:
                have = True
                _add_text(archive, name, dockerfile)
            else:
                _add(archive, sent)
        if not have:
            _add_text(archive, name, dockerfile)
    into.seek(0)


@contextmanager
def place_for_context() -> Iterator[BinaryIO]:
    """A file to write one into, gone after the block; BuildError where it cannot be written."""
    try:
        with tempfile.TemporaryFile() as file:
            yield file  # what was not written is tried again, and fails again, when it is closed
    except OSError as cause:
        raise BuildError(
            "Temporary folder is full",
            f"The build context is collected in `{tempfile.gettempdir()}` before it is sent, and cannot be written "
            f"there: {cause.strerror or cause}. Free some space there, or set `TMPDIR`.",
        ) from cause


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    content = text.encode()
    member = _member(Sent(name, "file", size=len(content)))
    archive.addfile(member, BytesIO(content))


def _add(archive: tarfile.TarFile, sent: Sent) -> None:
    member = _member(sent)
    if sent.open is None:
        archive.addfile(member)
        return
    try:
        with sent.open() as content:
            checked = _Checked(content)
            archive.addfile(member, checked)
            rest = content.read(1)
    except OSError as cause:
        if cause.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise changed(sent.name) from cause
    if rest or checked.digest != sent.digest:
        raise changed(sent.name)


def _member(sent: Sent) -> tarfile.TarInfo:
    member = tarfile.TarInfo(sent.name)
    member.type = _KINDS[sent.kind]
    member.mtime = _WRITTEN
    member.mode = 0o777 if sent.kind == "link" else 0o755 if sent.executable or sent.kind == "folder" else 0o644
    member.size = sent.size if sent.kind == "file" else 0
    member.linkname = sent.target
    return member


def changed(name: str) -> BuildError:
    """The error for a file that is not what the plan was made with."""
    return BuildError(
        "Build context has changed",
        f"`{name}` in the build context is not what it was when this was planned, and what is built must be what was "
        "reviewed. Plan again.",
    )


class _Checked(BytesIO):
    """Reads through to a file and hashes what went by."""

    def __init__(self, inner: BinaryIO) -> None:
        super().__init__()
        self._inner = inner
        self._hasher = hashlib.sha256()

    def read(self, size: int | None = -1, /) -> bytes:
        content = self._inner.read(_CHUNK if size is None or size < 0 else size)
        self._hasher.update(content)
        return content

    @property
    def digest(self) -> str:
        """Of all that was read."""
        return f"sha256:{self._hasher.hexdigest()}"
