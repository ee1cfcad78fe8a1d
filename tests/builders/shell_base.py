"""A base in which a shell runs, a few megabytes large: engines that copy every layer are quick with it."""

from __future__ import annotations

import io
import tarfile
from functools import cache

from reconciler.model.digest import Digest, canonical_json
from reconciler.oci import media_types
from reconciler.oci.assembly import assemble
from reconciler.oci.image import Blob, Image
from tests.builders.debian import debian_archive
from tests.builders.small_bases import PYTHON

_LIBRARIES = "lib/x86_64-linux-gnu"
_PROGRAMS = ("bin/bash", "bin/cat", "bin/sleep")
_NEEDED = ("ld-linux-x86-64.so.2", "libc.so.6", "libtinfo.so.6", "libtinfo.so.6.4")
_WANTED = {*_PROGRAMS, *(f"{_LIBRARIES}/{name}" for name in _NEEDED), "lib64/ld-linux-x86-64.so.2"}


def shell_base(note: str = "") -> Image:
    """The base; another note makes another base. It looks as if Python 3.11 were in it."""
    layers = [_shell(), _files({"etc/note": note.encode(), **PYTHON_FILES})]
    config = {
        "os": "linux",
        "architecture": "amd64",
        "config": {"Env": ["PATH=/usr/bin:/bin"], "Labels": {"org.example.base": "yes"}},
        "rootfs": {"type": "layers", "diff_ids": [Digest.of(layer) for layer in layers]},
    }
    blobs = [Blob.of(layer, media_types.OCI_LAYER) for layer in layers]
    return assemble(Blob.of(canonical_json(config), media_types.OCI_CONFIG), blobs)


PYTHON_FILES = {name: content for name, content in PYTHON.items() if not name.endswith("libc.so.6")}


@cache
def _shell() -> bytes:
    content = io.BytesIO()
    with tarfile.open(debian_archive()) as source, tarfile.open(fileobj=content, mode="w") as into:
        for member in source:
            member.name = member.name.removeprefix("./")
            if member.name in _WANTED:
                into.addfile(member, source.extractfile(member) if member.isfile() else None)
        shell = tarfile.TarInfo("bin/sh")
        shell.type, shell.linkname = tarfile.SYMTYPE, "bash"
        into.addfile(shell)
    return content.getvalue()


def _files(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as into:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            into.addfile(member, io.BytesIO(text))
    return content.getvalue()
