"""Conda's packages in a folder of this machine, linked there as they are in images, and as little run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from reconciler.builders.conda.package import CondaError, CondaPackage
from reconciler.builders.conda.packages import opened
from reconciler.builders.conda.record import history
from reconciler.builders.conda.scripts import post_link
from reconciler.builders.conda.unpacking import Unpacking
from reconciler.builders.layers.archive import Entry, Folder, Link, OnDisk
from reconciler.builders.layers.installation import Installed
from reconciler.model.diagnostic import BuildError


class LocalPrefix:
    """A folder that is an environment of conda's where it lies, for its path is in many of its files.

    Packages are unpacked beside it. Of two with the same file the later one wins.
    """

    def __init__(self, folder: Path, unpacking: Unpacking) -> None:
        self._folder = folder
        self._unpacking = unpacking
        self._inside: set[Path] = set()

    def add(self, package: CondaPackage, file: Path) -> None:
        """Put a package in. Raises BuildError."""
        script = f"{package.prefix[1:]}/{post_link(package.artefact.name)}"
        with opened(package, file, self._unpacking) as entries:
            if any(isinstance(entry, OnDisk | Link) and entry.path == script for entry in entries):
                raise _runs(package)
            for entry in entries:
                self._put(entry)

    def finish(self, packages: Iterable[CondaPackage]) -> None:
        """What conda knows an environment by."""
        told = history(packages)
        if isinstance(told.content, bytes):
            (self._folder / "conda-meta" / "history").write_bytes(told.content)

    def _put(self, entry: Entry) -> None:
        match entry:
            case Folder(path):
                self._checked(Path("/", path)).mkdir(exist_ok=True)
            case Link(path, target):
                self._cleared(path).symlink_to(target)
            case OnDisk(path, mode, _, _, source):
                place = self._cleared(path)
                shutil.move(source, place)
                place.chmod(mode)
            case Installed(path, mode, bytes(content)):
                place = self._cleared(path)
                place.write_bytes(content)
                place.chmod(mode)
            case _:
                raise CondaError("It holds what no package of conda's can hold.")

    def _cleared(self, path: str) -> Path:
        """Where a file is to be, with nothing there."""
        place = self._checked(Path("/", path))
        if place.is_dir() and not place.is_symlink():
            raise CondaError(f"`{place.name}` in it is a folder of another package.")
        with suppress(FileNotFoundError):
            place.unlink()
        return place

    def _checked(self, place: Path) -> Path:
        """A place whose folder is there and inside; another package may have left a link that leads elsewhere."""
        parent = place.parent
        if parent not in self._inside:
            if not Path(os.path.realpath(parent)).is_relative_to(os.path.realpath(self._folder)):
                raise CondaError(f"It would write to `{parent}`, which a link leads out of the environment.")
            try:
                parent.mkdir(parents=True, exist_ok=True)
            except (FileExistsError, NotADirectoryError) as cause:
                raise CondaError(f"`{parent}`, in which it has files, is a file of another package.") from cause
            self._inside.add(parent)
        return place


def _runs(package: CondaPackage) -> BuildError:
    return BuildError(
        "Conda package runs a script",
        f"`{package.file}` has the script `{post_link(package.artefact.name)}`, which conda would run once it has "
        "linked the package. On this machine it could read and write all that you can, and envform runs nothing of a "
        "package there. Choose a build or version without one, or use an image, where a Docker engine runs it in a "
        "container.",
    )
