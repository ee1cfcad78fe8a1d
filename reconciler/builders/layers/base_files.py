"""What a base image's layers put on disk, read once from bottom to top: names, links, and the few contents we need."""

from __future__ import annotations

import posixpath
import tarfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from gzip import GzipFile
from io import BufferedReader, RawIOBase
from typing import BinaryIO, cast

from reconciler.model.pattern import lazy_pattern
from reconciler.oci.image import Image
from reconciler.oci.strict_json import ContentError

_GZIP = b"\x1f\x8b"
_PIECE = 1 << 20

_HEAD = 4096
_LARGEST_LIBC = 16 << 20
_LARGEST_RECORD = 32 << 20
_PYTHON = lazy_pattern(r"python(3(\.\d+)?)?")
_LIBC = lazy_pattern(r"libc\.so\.6|libc-2\.\d+\.so|ld-musl-\w+\.so\.1|libc\.musl-\w+\.so\.1")
_LIBRARY = lazy_pattern(r"[^/]+\.so(\.[^/]*)?")
_LIBRARY_FOLDER = lazy_pattern(r"(/usr|/usr/local|/opt/conda)?/lib(32|64|x32)?(/[\w-]+-linux-[\w]+)?|.*/lib(64)?")
_RECORD = lazy_pattern(r"/opt/env/lib/python3\.\d+/site-packages/([^/]+)\.dist-info/RECORD")
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

    def begin_layer(self) -> None:
        """What comes from now on lies above all that came before."""
        self._fresh.clear()

    def add(self, member: tarfile.TarInfo, content: Callable[[int], bytes]) -> None:
        """One entry of a layer, over what was there before."""
        path = posixpath.normpath("/" + member.name)
        folder, name = posixpath.split(path)
        if name == ".wh..wh..opq":
            self._hide_below(folder)
        elif name.startswith(".wh."):
            self._forget(f"{folder}/{name[4:]}")
        elif path != "/":
            self._put(path, member, content)

    def _put(self, path: str, member: tarfile.TarInfo, content: Callable[[int], bytes]) -> None:
        if not member.isdir():
            self._forget(path)
        self.links.pop(path, None)
        folder, name = posixpath.split(path)
        self._folders[folder].add(name)
        self._fresh.update(_up_from(path))
        if member.mode & 0o111 and member.isfile():
            self.executable.add(path)
        if member.issym():
            self.links[path] = member.linkname
        elif member.islnk():
            self._link_hard(path, posixpath.normpath("/" + member.linkname))
        elif member.isfile():
            self._read(path, folder, name, content)

    def _read(self, path: str, folder: str, name: str, content: Callable[[int], bytes]) -> None:
        if folder.endswith("/bin") and _PYTHON.fullmatch(name):
            self.heads[path] = content(_HEAD)
        elif _LIBC.fullmatch(name):
            self.libcs[path] = content(_LARGEST_LIBC)
        elif _RECORD.fullmatch(path):
            self.records[path] = content(_LARGEST_RECORD)

    def _link_hard(self, path: str, target: str) -> None:
        if target in self.executable:
            self.executable.add(path)
        for kept in (self.heads, self.libcs, self.records):
            if target in kept:
                kept[path] = kept[target]

    def _forget(self, path: str) -> None:
        folder, name = posixpath.split(path)
        self._folders[folder].discard(name)
        self._forget_below(path)  # layers need not name the folders that their files are in
        self.executable.discard(path)
        for kept in (self.links, self.heads, self.libcs, self.records):
            kept.pop(path, None)

    def _hide_below(self, folder: str) -> None:
        """A layer hides what lies below it, and never its own files, wherever in it the mark stands."""
        for name in list(self._folders.get(folder, ())):
            path = f"{folder}/{name}"
            if path in self._fresh:
                self._hide_below(path)
            else:
                self._forget(path)

    def _forget_below(self, folder: str) -> None:
        for name in list(self._folders.get(folder, ())):
            self._forget(f"{folder}/{name}")
        self._folders.pop(folder, None)


def installed_by(records: Mapping[str, bytes]) -> dict[str, tuple[str, ...]]:
    """By `name-version`, the paths that are in each of some RECORDs in the virtual environment."""
    found = {}
    for path, content in records.items():
        if match := _RECORD.fullmatch(path):
            rows = (line.split(",")[0].strip('"') for line in content.decode(errors="replace").splitlines())
            folder = posixpath.dirname(posixpath.dirname(path))
            found[match[1]] = tuple(posixpath.normpath(f"{folder}/{row}") for row in rows if row)
    return found


def read_base_files(image: Image) -> BaseFiles:
    """All names in an image's layers; ContentError where a layer cannot be read."""
    files = BaseFiles()
    for layer in image.layers:
        files.begin_layer()
        with layer.open() as blob:
            try:
                _read_layer(blob, files, layer.descriptor.media_type)
            except (tarfile.TarError, zlib.error, EOFError, OSError) as cause:
                raise ContentError(f"Its layer {layer.descriptor.digest} cannot be read: {cause}.") from cause
    return files


def _up_from(path: str) -> Iterator[str]:
    while path != "/":
        yield path
        path = posixpath.dirname(path)


def _read_layer(blob: BinaryIO, files: BaseFiles, media_type: str) -> None:
    if media_type.endswith("zstd"):
        raise ContentError("One of its layers is packed by zstd, which cannot be read here; gzip can.")
    # tarfile's own way of unpacking stops after the first gzip member, and layers of ours have thousands
    whole = BufferedReader(cast(RawIOBase, blob), _PIECE)
    packed = whole.peek(len(_GZIP)).startswith(_GZIP)
    with tarfile.open(fileobj=GzipFile(fileobj=whole) if packed else whole, mode="r|") as archive:
        for member in archive:
            files.add(member, lambda size, member=member: _content(archive, member, size))  # type: ignore[misc]
    while whole.read(_PIECE):  # to the end: the last piece is what shows that nothing was changed
        pass


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo, size: int) -> bytes:
    file = archive.extractfile(member)
    return file.read(size) if file else b""
