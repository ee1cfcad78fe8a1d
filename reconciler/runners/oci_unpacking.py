"""Images on disk: each digest is unpacked once, whole or not at all, whoever asks first."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from gzip import GzipFile
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import BinaryIO, cast

from reconciler.model.diagnostic import RunError
from reconciler.model.digest import Digest
from reconciler.oci.image import Blob, Image
from reconciler.oci.strict_json import ContentError
from reconciler.runners.oci_files import RootFolder

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_PIECE = 1 << 20
_UNFINISHED = ".unfinished"


class Unpacked:
    """The user's folder of unpacked images. Nobody may write to what is in it; all of it may be deleted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def root_of(self, image: Image, begun: Callable[[], None]) -> Path:
        """Where the files of an image lie; `begun` is called when they have to be unpacked first."""
        root = self._folder / image.digest.hex
        try:
            if not root.is_dir():
                self._folder.mkdir(parents=True, exist_ok=True)
                with self._locked(image.digest):
                    if not root.is_dir():
                        begun()
                        self._unpack(image, root)
        except OSError as cause:
            raise RunError(
                "Image cannot be unpacked",
                f"The files of the image {image.digest.short} could not be put into `{self._folder}`: "
                f"{cause.strerror or cause}. Nothing is left of the try. The folder may be deleted at any time when "
                "no job runs; XDG_CACHE_HOME says where it lies.",
            ) from cause
        return root

    def _unpack(self, image: Image, root: Path) -> None:
        unfinished = root.with_name(root.name + _UNFINISHED)
        remove_tree(unfinished)
        unfinished.mkdir()
        try:
            _put_layers(image, RootFolder(unfinished))
            unfinished.rename(root)
        except BaseException:
            remove_tree(unfinished)
            raise

    @contextmanager
    def _locked(self, digest: Digest) -> Iterator[None]:
        descriptor = os.open(self._folder / f"{digest.hex}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def remove_tree(folder: Path) -> None:
    """Remove a folder and all in it, also what its owner may not look into; what is not there is no error."""
    if not os.path.lexists(folder):
        return
    _open_up(folder)
    for path, folders, _ in os.walk(folder):
        for name in folders:
            _open_up(Path(path, name))
    shutil.rmtree(folder)


def _open_up(place: Path) -> None:
    mode = place.lstat().st_mode
    if stat.S_ISDIR(mode) and mode & stat.S_IRWXU != stat.S_IRWXU:
        place.chmod(stat.S_IMODE(mode) | stat.S_IRWXU)


def _put_layers(image: Image, root: RootFolder) -> None:
    for layer in image.layers:
        root.begin_layer()
        try:
            _put_layer(layer, root)
        except (ContentError, tarfile.TarError, zlib.error, EOFError, UnicodeError, ValueError) as cause:
            raise RunError(
                "Image cannot be unpacked",
                f"The layer {layer.descriptor.digest} of the image {image.digest.short} cannot be read: {cause}",
            ) from cause
    root.finish()


def _put_layer(layer: Blob, root: RootFolder) -> None:
    with layer.open() as blob:
        # tarfile's own way of unpacking stops after the first gzip member, and layers of ours have thousands
        whole = BufferedReader(cast(RawIOBase, blob), _PIECE)
        start = whole.peek(len(_ZSTD))
        if start.startswith(_ZSTD):
            raise ContentError("it is packed by zstd, which cannot be read here; gzip can.")
        source = cast(BinaryIO, GzipFile(fileobj=whole)) if start.startswith(_GZIP) else whole
        with tarfile.open(fileobj=source, mode="r|", bufsize=_PIECE) as archive:
            for member in archive:
                root.put(member, lambda member=member: cast(BinaryIO | None, archive.extractfile(member)))  # type: ignore[misc]
        while whole.read(_PIECE):  # to the end: the last piece is what shows that nothing was changed
            pass
