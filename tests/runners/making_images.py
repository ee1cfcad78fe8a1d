"""Images of a few entries, in which every entry is as odd as a test wants it."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Sequence

from reconciler.model.digest import Digest, canonical_json
from reconciler.oci import media_types
from reconciler.oci.assembly import assemble
from reconciler.oci.image import Blob, Image

Entry = tuple[tarfile.TarInfo, bytes]


def file(name: str, content: bytes = b"", mode: int = 0o644, **more: object) -> Entry:
    entry = _entry(name, tarfile.REGTYPE, mode, more)
    entry.size = len(content)
    return entry, content


def folder(name: str, mode: int = 0o755, **more: object) -> Entry:
    return _entry(name, tarfile.DIRTYPE, mode, more), b""


def symlink(name: str, target: str) -> Entry:
    return _entry(name, tarfile.SYMTYPE, 0o777, {"linkname": target}), b""


def hardlink(name: str, target: str) -> Entry:
    return _entry(name, tarfile.LNKTYPE, 0o644, {"linkname": target}), b""


def device(name: str) -> Entry:
    return _entry(name, tarfile.CHRTYPE, 0o666, {}), b""


def _entry(name: str, kind: bytes, mode: int, more: dict[str, object]) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.mtime = kind, mode, 1_700_000_000
    for key, value in more.items():
        setattr(entry, key, value)
    return entry


def layer(entries: Sequence[Entry]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for entry, data in entries:
            archive.addfile(entry, io.BytesIO(data))
    return content.getvalue()


def image(*layers: Sequence[Entry], packed: bool = False, **settings: object) -> Image:
    """An image of these layers; the settings are those of its config."""
    contents = [layer(entries) for entries in layers]
    config = {
        "os": "linux",
        "architecture": "amd64",
        "config": settings,
        "rootfs": {"type": "layers", "diff_ids": [Digest.of(content) for content in contents]},
    }
    kind = media_types.OCI_LAYER + ("+gzip" if packed else "")
    blobs = [Blob.of(gzip.compress(content, mtime=0) if packed else content, kind) for content in contents]
    return assemble(Blob.of(canonical_json(config), media_types.OCI_CONFIG), blobs)


def above(base: Image, *entries: Entry, **settings: object) -> Image:
    """A base with one more layer and other settings."""
    blob = Blob.of(layer(entries), media_types.OCI_LAYER)
    config = {"os": "linux", "architecture": "amd64", "config": settings}
    return assemble(Blob.of(canonical_json(config), media_types.OCI_CONFIG), [*base.layers, blob])
