"""A folder that is an OCI image layout, may become one, or must be left alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Lock

from reconciler.model.diagnostic import RegistryError
from reconciler.oci.strict_json import ContentError, parse_object
from reconciler.registries.layout_files import read_at_most, reading
from reconciler.registries.layout_index import LARGEST_INDEX, LayoutIndex
from reconciler.registries.layout_ingest import FOLDER, Ingest

_VERSION = "1.0.0"
_MARKER = b'{"imageLayoutVersion":"1.0.0"}'
_LARGEST_MARKER = 1 << 16

Signature = tuple[int, int, int, int]


class LayoutFolder:
    """`oci-layout` and `index.json`: whether the folder is a layout, and its only file that ever changes."""

    def __init__(self, folder: Path, ingest: Ingest) -> None:
        self._folder = folder
        self._ingest = ingest
        self._marker = folder / "oci-layout"
        self._index = folder / "index.json"
        self._seen: tuple[Signature, LayoutIndex] | None = None
        self._known: Signature | None = None
        self._mutex = Lock()

    def read(self) -> LayoutIndex | None:
        """The index; None when nobody has pushed to this folder yet."""
        with reading(self._folder):
            if not self._is_layout():
                return None
            had_blobs = (self._folder / "blobs").exists()  # asked first: a first push makes them after the index
            try:
                return self._parsed()
            except FileNotFoundError:
                if had_blobs:
                    raise self._broken("It has blobs, but no `index.json`.") from None
                return None  # a first push was cut off, or is not done yet

    def prepare(self) -> None:
        """Make the folder a layout if it is none; the marker comes first, so a half-made layout is known as ours."""
        if self.read() is not None:
            return self._ingest.prepare()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._ingest.prepare()
        with self._ingest.locked():
            if self.read() is None:
                self._ingest.write(self._marker, _MARKER)
                self._ingest.write(self._index, *LayoutIndex.empty().spelled())
                (self._folder / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
        return None

    def change(self, how: Callable[[LayoutIndex], LayoutIndex]) -> None:
        """Rewrite the index; the caller holds the lock."""
        old = self.read()
        if old is None:
            raise self._broken("Its index was removed while an image was pushed.")
        new = how(old)
        if new is not old:
            try:
                content = new.spelled()
            except ContentError as cause:
                raise self._broken(str(cause)) from cause
            with self._mutex:
                self._ingest.write(self._index, *content)
                self._seen = (_signature(self._index), new)

    def _is_layout(self) -> bool:
        try:
            signature = _signature(self._marker)
        except OSError:
            return self._is_marked()
        if signature != self._known:
            self._known = signature if self._is_marked() else None
        return self._known is not None

    def _is_marked(self) -> bool:
        content = self._marked()
        if content is None and self._is_free():
            return False
        content = content or self._marked()
        if content is None:
            raise self._broken("`oci-layout` leads nowhere.")
        try:
            version = parse_object(content, "`oci-layout`", _LARGEST_MARKER).get("imageLayoutVersion")
        except ContentError as cause:
            raise self._broken(str(cause)) from cause
        if version != _VERSION:
            raise self._broken(f"`oci-layout` must state version {_VERSION}, the only one that envform knows.")
        return True

    def _marked(self) -> bytes | None:
        try:
            return read_at_most(self._marker, _LARGEST_MARKER)
        except FileNotFoundError:
            return None
        except NotADirectoryError:
            raise self._not_a_layout("it is a file, or lies below one") from None

    def _is_free(self) -> bool:
        """Whether a layout may be made here; not when a first push has made it since we looked."""
        try:
            entries = {path.name for path in self._folder.iterdir()}
        except FileNotFoundError:
            return True
        if self._marker.name in entries:
            return False
        if entries - {FOLDER}:
            raise self._not_a_layout("it holds other files and has no `oci-layout`")
        return True

    def _parsed(self) -> LayoutIndex:
        return self._remembered() or self._parsed_now()

    def _remembered(self) -> LayoutIndex | None:
        seen = self._seen
        return seen[1] if seen is not None and seen[0] == _signature(self._index) else None

    def _parsed_now(self) -> LayoutIndex:
        with self._mutex:  # who has just written it knows what is in it, and will have said so by now
            signature = _signature(self._index)
            if (index := self._remembered()) is not None:
                return index
            try:
                index = LayoutIndex.parse(read_at_most(self._index, LARGEST_INDEX))
            except ContentError as cause:
                raise self._broken(str(cause)) from cause
            self._seen = (signature, index)
            return index

    def _not_a_layout(self, why: str) -> RegistryError:
        return RegistryError(
            "Registry folder is not an image layout",
            f"`{self._folder}` cannot be used as a registry: {why}. Nothing in it was changed. Set `registry` to a "
            "folder of its own, such as `oci:./registry`; it is made when it is not there.",
        )

    def _broken(self, why: str) -> RegistryError:
        return RegistryError(
            "Image layout is damaged",
            f"The image layout `{self._folder}` cannot be used. {why} Nothing in it was changed. Bring the file back "
            "from a copy; or, where every image can be built again, move the folder away and run `envform apply`.",
        )


def _signature(path: Path) -> Signature:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
