"""Packages unpacked by rattler into folders that are gone when nobody needs them, or when whoever made them died."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from reconciler.builders.conda.package import CondaError, CondaPackage
from reconciler.model.diagnostic import BuildError
from reconciler.model.pattern import lazy_pattern

_ABANDONED_AFTER = 60.0
_CODE = lazy_pattern(r"\(os error (\d+)\)")
_OF_THIS_MACHINE = {
    errno.EACCES, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EPERM,
    errno.EROFS,
}  # fmt: skip


class Unpacking:
    """Unpacks below a folder of the user's cache."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def unpacked(self, package: CondaPackage, file: Path) -> Iterator[Path]:
        """The content of a package's file; nothing of it lies outside of the folder, whatever it is called."""
        folder = self._folder / uuid4().hex
        folder.mkdir(parents=True)
        held = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            named, content = folder / package.file, folder / "content"
            named.symlink_to(file.absolute())  # rattler goes by the ending
            _extract(named, content)
            yield content.resolve()
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)

    def clean(self) -> None:
        """Remove what crashed processes left."""
        for folder in self._folder.glob("*"):
            with suppress(OSError):
                if time.time() - folder.stat().st_mtime < _ABANDONED_AFTER:
                    continue  # may be about to be locked
                held = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
                try:
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)
                finally:
                    os.close(held)


def _extract(file: Path, folder: Path) -> None:
    try:
        from rattler.package_streaming import extract
    except ImportError as cause:
        raise BuildError(
            "Conda support is not installed",
            "conda's packages are unpacked by the library `py-rattler`, which is not installed here. Install it: "
            "`pip install 'envform[conda]'`.",
        ) from cause
    folder.mkdir()
    try:
        extract(file, folder)
    except OSError as cause:
        code = _CODE.search(str(cause))
        if code and int(code[1]) in _OF_THIS_MACHINE:
            raise OSError(int(code[1]), os.strerror(int(code[1]))) from cause
        raise CondaError(f"It cannot be unpacked: {cause}.") from cause
