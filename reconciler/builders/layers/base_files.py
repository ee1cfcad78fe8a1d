"""What a base image's layers put on disk, from bottom to top: names, links, and the few contents we need."""

from __future__ import annotations

import csv
import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from reconciler.builders.layers.base_layers import RECORD, Entry, entries_of, is_head, is_libc
from reconciler.builders.layers.cache import Cache
from reconciler.model.pattern import lazy_pattern
from reconciler.oci.image import Image

_LIBRARY = lazy_pattern(r"[^/]+\.so(\.[^/]*)?")
_LIBRARY_FOLDER = lazy_pattern(r"(/usr|/usr/local|/opt/conda)?/lib(32|64|x32)?(/[\w-]+-linux-[\w]+)?|.*/lib(64)?")
_OWN = lazy_pattern(r"(?!/opt/env/).*/(?:site|dist)-packages/([A-Za-z0-9][^/]*?)-[0-9][^/]*\.(?:dist|egg)-info")
_USUAL = {"pip", "setuptools", "wheel", "uv"}
_MOST_LINKS = 40


class BaseFiles:
    """The names in an image after all its layers; paths are absolute."""

    def __init__(self) -> None:
        self.links: dict[str, str] = {}
        self.heads: dict[str, bytes] = {}
        self.libcs: dict[str, bytes] = {}
        self.records: dict[str, bytes] = {}
        self.executable: set[str] = set()
        self._fresh: set[str] = set()
        self._folders: defaultdict[str, set[str]] = defaultdict(set)

    def names(self, folder: str) -> Iterable[str]:
        """What is in a folder, links on the way to it followed."""
        return tuple(self._folders.get(self.real(folder), ()))

    def has(self, path: str) -> bool:
        """Whether something is there; the path's folders must be real ones."""
        return posixpath.basename(path) in self._folders.get(posixpath.dirname(path), ())

    @property
    def libraries(self) -> list[str]:
        """All shared libraries in folders of libraries."""
        found = [
            f"{folder}/{name}"
            for folder, names in self._folders.items()
            if _LIBRARY_FOLDER.fullmatch(folder)
            for name in names
            if _LIBRARY.fullmatch(name)
        ]
        return sorted(found)

    @property
    def installed(self) -> dict[str, tuple[str, ...]]:
        """By `name-version` of what is in the virtual environment already, the paths in its RECORD."""
        return installed_by({path: content for path, content in self.records.items() if self.has(path)})

    @property
    def packages(self) -> list[str]:
        """Python packages that are the image's own, by their names; but for those that every Python has."""
        folders = (folder for folder, names in self._folders.items() if names)
        own = {match[1].lower().replace("_", "-") for folder in folders if (match := _OWN.fullmatch(folder))}
        return sorted(own - _USUAL)

    def real(self, path: str) -> str:
        """Where a path leads, following links as far as they are known."""
        for _ in range(_MOST_LINKS):
            parts, position = path.strip("/").split("/"), ""
            for number, part in enumerate(parts):
                position = f"{position}/{part}"
                if (link := self.links.get(position)) is not None:
                    target = posixpath.join(posixpath.dirname(position), link)
                    path = posixpath.normpath(posixpath.join(target, *parts[number + 1 :]))
                    break
            else:
                return posixpath.normpath(path)
        return path

    def add_layer(self, entries: Iterable[Entry]) -> None:
        """All entries of a layer, over what was there before."""
        self._fresh.clear()
        for entry in entries:
            folder, name = posixpath.split(entry.path)
            if name == ".wh..wh..opq":
                self._hide_below(folder)
            elif name.startswith(".wh."):
                self._forget(posixpath.join(folder, name[4:]))
            elif entry.path != "/":
                self._put(entry, folder, name)

    def _put(self, entry: Entry, folder: str, name: str) -> None:
        path = entry.path
        beside = self._folders[folder]
        if name in beside or path in self._folders:
            if entry.kind != "folder":
                self._forget(path)
            self.links.pop(path, None)
        while path != "/" and not (path in self._fresh and name in self._folders[folder]):
            self._fresh.add(path)
            self._folders[folder].add(name)  # layers need not name the folders that their files are in
            path = folder
            folder, name = posixpath.split(path)
        self._learn(entry)

    def _learn(self, entry: Entry) -> None:
        match entry:
            case Entry("link", path, target):
                self.links[path] = target
            case Entry("hard", path, target):
                self._link_hard(path, target)
            case Entry("file" | "program" as kind, path, told):
                if kind == "program":
                    self.executable.add(path)
                if is_head(path):
                    self.heads[path] = told.encode("latin-1")
                elif is_libc(path):
                    self.libcs[path] = told.encode("latin-1")
                elif RECORD.fullmatch(path):
                    self.records[path] = told.encode("latin-1")

    def _link_hard(self, path: str, target: str) -> None:
        if target in self.executable:
            self.executable.add(path)
        for kept in (self.heads, self.libcs, self.records):
            if target in kept:
                kept[path] = kept[target]

    def _forget(self, path: str) -> None:
        folder, name = posixpath.split(path)
        self._folders[folder].discard(name)
        self._forget_below(path)
        self.executable.discard(path)
        for kept in (self.links, self.heads, self.libcs, self.records):
            kept.pop(path, None)

    def _hide_below(self, folder: str) -> None:
        """A layer hides what lies below it, and never its own files, wherever in it the mark stands."""
        for name in list(self._folders.get(folder, ())):
            path = posixpath.join(folder, name)
            if path in self._fresh:
                self._hide_below(path)
            else:
                self._forget(path)

    def _forget_below(self, folder: str) -> None:
        for name in list(self._folders.get(folder, ())):
            self._forget(posixpath.join(folder, name))
        self._folders.pop(folder, None)


def installed_by(records: Mapping[str, bytes]) -> dict[str, tuple[str, ...]]:
    """By `name-version`, the paths that are in each of some RECORDs in the virtual environment."""
    found = {}
    for path, content in records.items():
        if match := RECORD.fullmatch(path):
            folder = posixpath.dirname(posixpath.dirname(path))
            found[match[1]] = tuple(posixpath.normpath(f"{folder}/{row}") for row in _first_column(content))
    return found


def _first_column(content: bytes) -> Iterator[str]:
    """As far as it can be read."""
    with suppress(csv.Error):
        yield from (row[0] for row in csv.reader(content.decode(errors="replace").splitlines()) if row and row[0])


def read_base_files(image: Image, cache: Cache) -> BaseFiles:
    """All names in an image's layers; ContentError where a layer cannot be read."""
    files = BaseFiles()
    for layer in image.layers:
        files.add_layer(entries_of(layer, cache))
    return files
