"""What one layer of a base image holds: names, links, and the few contents that matter; read once for each digest."""

from __future__ import annotations

import posixpath
import tarfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from io import BufferedReader, RawIOBase
from typing import BinaryIO, Literal, NamedTuple, cast

from reconciler.builders.layers.cache import Cache
from reconciler.builders.layers.index import Index
from reconciler.builders.layers.inflating import DamagedError, gunzipped
from reconciler.model.pattern import lazy_pattern
from reconciler.oci.image import Blob
from reconciler.oci.strict_json import ContentError, JsonObject

_VERSION = 1  # moves with what is looked for
_GZIP = b"\x1f\x8b"
_PIECE = 1 << 20
_HEAD = 4096
_LARGEST_LIBC = 16 << 20
_LARGEST_RECORD = 32 << 20
_PYTHON = lazy_pattern(r"python(3(\.\d+)?)?")
_LIBC = lazy_pattern(r"libc\.so\.6|libc-2\.\d+\.so|ld-musl-\w+\.so\.1|libc\.musl-\w+\.so\.1")
_LIBC_VERSION = lazy_pattern(rb"GNU C Library [^\n]{0,120}? version 2\.\d+|\0\d+\.\d+\.\d+(?=\0)")
RECORD = lazy_pattern(r"/opt/env/lib/python3\.\d+/site-packages/([^/]+)\.dist-info/RECORD")

Kind = Literal["folder", "file", "program", "link", "hard", "other"]


class Entry(NamedTuple):
    """One name in a layer, by its absolute path; `told` is where a link leads, or as much of the content as matters.

    Content is spelled a character for each byte.
    """

    kind: Kind
    path: str
    told: str = ""


def is_head(path: str) -> bool:
    """Whether it is named like a Python, of whose content the beginning is kept."""
    folder, name = posixpath.split(path)
    return folder.endswith("/bin") and _PYTHON.fullmatch(name) is not None


def is_libc(path: str) -> bool:
    """Whether it is named like a C library, of whose content the version is kept."""
    return _LIBC.fullmatch(posixpath.basename(path)) is not None


def entries_of(layer: Blob, cache: Cache) -> Sequence[Entry]:
    """What a layer holds, in its order; ContentError where it cannot be read."""
    index, key = Index(cache.folder / "layers.sqlite"), f"base layer {_VERSION} {layer.descriptor.digest}"
    with cache.locked("base layer", key):
        found = _known(index.get([key]).get(key))
        if found is None:
            found = _read(_here(layer, cache))
            index.put(key, {"entries": found})
    return found


def _known(form: JsonObject | None) -> list[Entry] | None:
    rows = form.get("entries") if form else None
    return [Entry(*row) for row in rows] if isinstance(rows, list) else None


def _here(layer: Blob, cache: Cache) -> Blob:
    """A layer that was made on this machine is not fetched to be read."""
    path = cache.find("blobs", layer.descriptor.digest, layer.descriptor.size)
    return replace(layer, open=lambda: path.open("rb")) if path else layer


def _read(layer: Blob) -> list[Entry]:
    if layer.descriptor.media_type.endswith("zstd"):
        raise ContentError("One of its layers is packed by zstd, which cannot be read here; gzip can.")
    with layer.open() as blob:
        try:
            return list(_entries(blob))
        except (tarfile.TarError, zlib.error, DamagedError, EOFError, OSError) as cause:
            raise ContentError(f"Its layer {layer.descriptor.digest} cannot be read: {cause}.") from cause


def _entries(blob: BinaryIO) -> Iterator[Entry]:
    # tarfile's own way of unpacking stops after the first gzip member, and layers of ours have thousands
    whole = BufferedReader(cast("RawIOBase", blob), _PIECE)
    packed = whole.peek(len(_GZIP)).startswith(_GZIP)
    content = gunzipped(whole) if packed else whole
    with tarfile.open(fileobj=content, mode="r|") as archive:
        for member in archive:
            path = posixpath.normpath("/" + member.name)
            yield _entry(path, member, lambda size, member=member: _content(archive, member, size))  # type: ignore[misc]
    while whole.read(_PIECE):  # to the end: the last piece is what shows that nothing was changed
        pass


def _entry(path: str, member: tarfile.TarInfo, content: Callable[[int], bytes]) -> Entry:
    if member.issym():
        return Entry("link", path, member.linkname)
    if member.islnk():
        return Entry("hard", path, posixpath.normpath("/" + member.linkname))
    if not member.isfile():
        return Entry("folder" if member.isdir() else "other", path)
    return Entry("program" if member.mode & 0o111 else "file", path, _kept(path, content).decode("latin-1"))


def _kept(path: str, content: Callable[[int], bytes]) -> bytes:
    if is_head(path):
        return content(_HEAD)
    if is_libc(path):
        return b"".join(match[0] + b"\0" for match in _LIBC_VERSION.finditer(content(_LARGEST_LIBC)))
    return content(_LARGEST_RECORD) if RECORD.fullmatch(path) else b""


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo, size: int) -> bytes:
    file = archive.extractfile(member)
    return file.read(size) if file else b""
