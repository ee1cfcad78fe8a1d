"""The wheels of one lock on their way into layers: fetched only when there is something to be learnt or to be made."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from reconciler.builders.layers.archive import FromWheel, UnreadableError, write_layer
from reconciler.builders.layers.contents import Contents, marks
from reconciler.builders.layers.gzip_members import Written
from reconciler.builders.layers.index import Index
from reconciler.builders.layers.installation import Installed, installation
from reconciler.builders.layers.making import Wanted
from reconciler.builders.layers.system_libraries import LibraryWatch, is_library
from reconciler.builders.layers.target import RECIPE_VERSION, Target
from reconciler.builders.layers.wheel import Wheel
from reconciler.builders.layers.working import Progress
from reconciler.builders.layers.zip_directory import WheelError
from reconciler.model.definition import Artefact
from reconciler.model.diagnostic import BuildError
from reconciler.model.frozen import dataclass

Seen = Callable[[int], None]
Fetch = Callable[[Artefact, Seen], Path]


@dataclass(frozen=True, slots=True)
class Package:
    """One wheel for one target."""

    artefact: Artefact
    target: Target

    @property
    def key(self) -> str:
        """What its layer depends on, and nothing else."""
        return f"{RECIPE_VERSION} {self.target.python} {self.target.prefix} {self.artefact.digest}"

    @property
    def shown(self) -> str:
        """As pip would spell it."""
        return f"{self.artefact.name}=={self.artefact.version}"


class Packages:
    """Reads wheels, and writes the layers of one or of several."""

    def __init__(self, index: Index, fetch: Fetch, progress: Progress) -> None:
        self._index = index
        self._fetch = fetch
        self._progress = progress
        self._read: dict[str, tuple[Wheel, tuple[Installed, ...]]] = {}

    def contents(self, packages: Iterable[Package]) -> dict[str, Contents]:
        """What is known of some packages, by their keys."""
        found = self._index.get(f"contents {package.key}" for package in packages)
        return {key.removeprefix("contents "): Contents.of_form(form) for key, form in found.items()}

    def learn(self, package: Package) -> Contents:
        """What a wheel puts into an image, read from the wheel itself."""
        with self.opened(package) as wheel:
            watch = LibraryWatch()
            for member in wheel.members.values():
                if is_library(member.name):
                    deque(watch.watch(member.name, wheel.stream(member)), maxlen=0)
            files = installation(wheel, package.target)
            self._read[package.key] = wheel, files
            return self._keep(package, wheel, files, watch)

    def solo(self, package: Package) -> Wanted:
        """A layer for one wheel alone; what it holds is learnt while it is written."""

        def write(file: BinaryIO) -> Written:
            with self.opened(package) as wheel:
                watch = LibraryWatch()
                files = installation(wheel, package.target)
                written = write_layer((FromWheel(it, wheel) for it in files), file, watch.watch)
                self._keep(package, wheel, files, watch)
                return written

        return Wanted(f"layer {package.key}", f"envform: {package.shown} {package.artefact.digest}", write)

    def shared(self, packages: Sequence[Package], left_out: Mapping[str, Iterable[str]]) -> Wanted:
        """A layer for several wheels, without the paths that others are to have, by name of a package."""
        ordered = sorted(packages, key=lambda it: it.key)
        dropped = {package.key: sorted(left_out.get(package.artefact.name, ())) for package in ordered}

        def write(file: BinaryIO) -> Written:
            entries, owners = [], {}
            for package in ordered:
                gone = set(dropped[package.key])
                wheel, files = self._planned(package)
                owners[wheel] = package
                entries += [FromWheel(it, wheel) for it in files if it.path not in gone]
            try:
                return write_layer(entries, file)
            except UnreadableError as cause:
                raise _unusable(owners[cause.wheel], cause) from cause

        told = "\n".join(f"{key} {' '.join(paths)}" for key, paths in dropped.items())
        key = f"layer {hashlib.sha256(told.encode()).hexdigest()}"
        names = " ".join(sorted(package.shown for package in ordered))
        return Wanted(key, f"envform: {names}", write)

    def bring(self, package: Package) -> None:
        """Have the wheel's file here."""
        self._fetched(package)

    @contextmanager
    def opened(self, package: Package) -> Iterator[Wheel]:
        """The wheel's file; what is wrong with it, now or while it is read, becomes a BuildError."""
        path = self._fetched(package)
        try:
            with Wheel.open(path) as wheel:
                wheel.check_identity(package.artefact.name, package.artefact.version)
                yield wheel
        except WheelError as cause:
            raise _unusable(package, cause) from cause

    def _planned(self, package: Package) -> tuple[Wheel, tuple[Installed, ...]]:
        """A wheel whose file is closed, and where its files go; it was read a moment ago where it was new."""
        if read := self._read.pop(package.key, None):
            return read
        with self.opened(package) as wheel:
            return wheel, installation(wheel, package.target)

    def _fetched(self, package: Package) -> Path:
        brought = 0

        def seen(size: int) -> None:
            nonlocal brought
            brought += size
            self._progress.seen(size)

        path = self._fetch(package.artefact, seen)
        if brought:
            self._progress.note(f"fetched {package.shown} from {package.artefact.url}, {brought} bytes")
        return path

    def _keep(self, package: Package, wheel: Wheel, files: Iterable[Installed], watch: LibraryWatch) -> Contents:
        contents = Contents(marks(files), watch.needs, watch.brings, wheel.pythons)
        self._index.put(f"contents {package.key}", contents.form)
        return contents


def _unusable(package: Package, cause: WheelError) -> BuildError:
    return BuildError(
        "Wheel cannot be used",
        f"The wheel of `{package.shown}` cannot be put into an image. {cause} Its digest is the one in the lock, so it "
        "was published like this: choose another version of the package.",
    )
