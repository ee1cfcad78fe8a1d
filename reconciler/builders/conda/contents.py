"""What a package puts into an image, once it was opened: its paths with their marks, and libraries."""

from __future__ import annotations

import posixpath
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from reconciler.builders.layers.archive import Entry, Link, OnDisk
from reconciler.builders.layers.contents import Contents, marks
from reconciler.builders.layers.elf import read_libraries
from reconciler.builders.layers.installation import Installed
from reconciler.builders.layers.system_libraries import is_library
from reconciler.builders.layers.target import PREFIX

_PIECE = 1 << 20


def contents_of(entries: Sequence[Entry]) -> Contents:
    """What a package puts into an image, without its bytes."""
    needs, brings = _libraries(entries)
    return Contents(_marks(entries), needs, brings)


def _marks(entries: Iterable[Entry]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in entries:
        match entry:
            case OnDisk(path, mode, size, _, source):
                found[path] = f"{mode:o}:{_crc(source):x}:{size:x}"
            case Link(path, target):
                found[path] = f"link:{target}"
            case Installed():
                found |= marks([entry])
    return found


def _crc(path: Path) -> int:
    crc = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            crc = zlib.crc32(piece, crc)
    return crc


def _libraries(entries: Iterable[Entry]) -> tuple[dict[str, str], tuple[str, ...]]:
    """What shared libraries need, each with one file that does, and all the names that they have."""
    needs: dict[str, str] = {}
    brings: set[str] = set()
    for entry in entries:
        if isinstance(entry, Link) and is_library(entry.path):
            brings.add(posixpath.basename(entry.path))
        elif isinstance(entry, OnDisk) and is_library(entry.path):
            with entry.source.open("rb") as file:
                own, needed = read_libraries(file)
            brings |= {posixpath.basename(entry.path), own} - {""}
            for library in needed:
                needs.setdefault(library, entry.path.removeprefix(f"{PREFIX[1:]}/"))
    return needs, tuple(sorted(brings))
