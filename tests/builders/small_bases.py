"""Base images of a few kilobytes that look as if a Python were in them: it is found by content, and never run."""

from __future__ import annotations

import io
import struct
import tarfile
from collections.abc import Collection, Mapping

from reconciler.model.digest import Digest, canonical_json
from reconciler.oci import media_types
from reconciler.oci.assembly import assemble
from reconciler.oci.image import Blob, Image

LIBC = {"lib/x86_64-linux-gnu/libc.so.6": b"GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\n"}


def program(loader: str = "/lib64/ld-linux-x86-64.so.2", machine: int = 62) -> bytes:
    """The head of an ELF program: as much as tells the machine and the loader."""
    name = loader.encode() + b"\0"
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    head = struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 3, 4, 120, 120, 120, len(name), len(name), 1)
    return ident + head + segment + name


PYTHON = {"usr/bin/python3.11": program(), "usr/lib/python3.11/os.py": b"", **LIBC}


def files_layer(
    files: Mapping[str, bytes], links: Mapping[str, str] | None = None, plain: Collection[str] = ()
) -> bytes:
    """A layer, not packed; what lies in `bin` may be executed, but for what is `plain`."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, target in (links or {}).items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
        for name, it in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(it), 0o755 if "bin/" in name and name not in plain else 0o644
            archive.addfile(entry, io.BytesIO(it))
    return content.getvalue()


def python_base(
    files: Mapping[str, bytes] | None = None,
    links: Mapping[str, str] | None = None,
    path: str = "/usr/bin:/bin",
    upper: Mapping[str, bytes] | None = None,
    plain: Collection[str] = (),
) -> Image:
    """An image with these files, and perhaps a layer above them."""
    linked = {"usr/bin/python3": "python3.11"} if links is None else links
    layers = [files_layer(PYTHON if files is None else files, linked, plain), *([files_layer(upper)] if upper else [])]
    config = {
        "os": "linux",
        "architecture": "amd64",
        "config": {"Env": [f"PATH={path}"]},
        "rootfs": {"type": "layers", "diff_ids": [Digest.of(layer) for layer in layers]},
    }
    blobs = [Blob.of(layer, media_types.OCI_LAYER) for layer in layers]
    return assemble(Blob.of(canonical_json(config), media_types.OCI_CONFIG), blobs)
