"""Images on disk: each digest is unpacked once, whole or not at all, whoever asks first."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from gzip import GzipFile
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import BinaryIO, cast

from reconciler.model.diagnostic import RunError
from reconciler.model.stored import Stored
from reconciler.oci.image import Blob, Image
from reconciler.oci.strict_json import ContentError
from reconciler.runners.oci_files import RootFolder

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_PIECE = 1 << 20
_BLOCKS = 1 << 16  # tarfile moves what it holds with each read
_UNFINISHED = ".unfinished"
_LOCK = ".lock"


class Unpacked:
    """The user's folder of unpacked images. Nobody may write to what is in it; all of it may be deleted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def held(self, image: Image, begun: Callable[[], None]) -> Iterator[Path]:
        """Where the files of an image lie, and stay as long as the block goes on.

        `begun` is called when they have to be unpacked first.
        """
        root = self._folder / image.digest.hex
        with ExitStack() as stack:
            try:
                lock = self._lock_of(root)
                stack.callback(os.close, lock)
                fcntl.flock(lock, fcntl.LOCK_SH)
                while not root.is_dir():
                    fcntl.flock(lock, fcntl.LOCK_EX)  # lets go before it takes: somebody may have come in between
                    if not root.is_dir():
                        begun()
                        self._unpack(image, root)
                    fcntl.flock(lock, fcntl.LOCK_SH)
                os.utime(lock)
            except OSError as cause:
                raise RunError(
                    "Image cannot be unpacked",
                    f"The files of the image {image.digest.short} could not be put into `{self._folder}`: "
                    f"{cause.strerror or cause}. Nothing is left of the try. The folder may be deleted at any time "
                    "when no job runs; XDG_CACHE_HOME says where it lies.",
                ) from cause
            yield root

    def stored(self) -> Iterator[Stored]:
        """Each image as one thing that may be taken away where nobody holds it."""
        for lock in self._folder.glob(f"*{_LOCK}"):
            root = lock.with_suffix("")
            with suppress(OSError):
                if root.is_dir():
                    used = lock.stat().st_mtime
                    yield Stored(used, _size(root, lock), partial(_remove_unheld, root, lock, used))

    def _lock_of(self, root: Path) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        return os.open(f"{root}{_LOCK}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)

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


def _size(root: Path, lock: Path) -> int:
    """How many bytes there are, counted once: nobody writes to what is unpacked."""
    found = lock.stat()
    if found.st_size:
        text = lock.read_text()
        if text.isdecimal():
            return int(text)
    size = sum(Path(path, name).lstat().st_size for path, _, names in os.walk(root) for name in names)
    lock.write_text(str(size))
    os.utime(lock, ns=(found.st_atime_ns, found.st_mtime_ns))
    return size


def _remove_unheld(root: Path, lock: Path, used: float) -> None:
    with lock.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if lock.stat().st_mtime == used:
            unfinished = root.with_name(root.name + _UNFINISHED)
            remove_tree(unfinished)
            root.rename(unfinished)  # whoever is killed in the middle leaves no half of an image
            remove_tree(unfinished)


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
        with tarfile.open(fileobj=source, mode="r|", bufsize=_BLOCKS) as archive:
            for member in archive:
                root.put(member, lambda member=member: cast(BinaryIO | None, archive.extractfile(member)))  # type: ignore[misc]
        while whole.read(_PIECE):  # to the end: the last piece is what shows that nothing was changed
            pass
