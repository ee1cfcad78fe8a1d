"""The packages of one lock on their way into layers: fetched only when something is to be learnt or to be made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from reconciler.builders.conda.contents import contents_of
from reconciler.builders.conda.linking import ScriptError, linked
from reconciler.builders.conda.package import CondaError, CondaPackage
from reconciler.builders.conda.traits import Traits
from reconciler.builders.conda.unpacking import Unpacking
from reconciler.builders.layers.archive import Entry, FromWheel, write_layer
from reconciler.builders.layers.contents import Contents
from reconciler.builders.layers.gzip_members import Written
from reconciler.builders.layers.index import Index
from reconciler.builders.layers.making import Wanted
from reconciler.builders.layers.packages import Fetch, Seen
from reconciler.model.diagnostic import BuildError

_TRAITS = "traits 2"  # moves with what is kept of them


class CondaPackages:
    """Reads packages of conda's, and writes the layers of one or of several."""

    def __init__(self, index: Index, fetch: Fetch, seen: Seen, unpacking: Unpacking) -> None:
        self._index = index
        self._fetch = fetch
        self._seen = seen
        self._unpacking = unpacking

    def contents(self, packages: Iterable[CondaPackage]) -> dict[str, Contents]:
        """What is known of some packages, by their keys."""
        keys = [package.key for package in packages]
        found = self._index.get(f"{kind} {key}" for key in keys for kind in ("contents", _TRAITS))
        whole = [key for key in keys if f"contents {key}" in found and f"{_TRAITS} {key}" in found]
        return {key: Contents.of_form(found[f"contents {key}"]) for key in whole}

    def traits(self, packages: Iterable[CondaPackage]) -> Traits:
        """Of packages whose contents are known, all together, in the order of their installation."""
        keys = [f"{_TRAITS} {package.key}" for package in packages]
        found = self._index.get(keys)
        return Traits.of_forms(found[key] for key in keys if key in found)

    def learn(self, package: CondaPackage) -> Contents:
        """What a package puts into an image, read from the package itself."""
        with self.opened(package) as entries:
            return self._keep(package, entries)

    def solo(self, package: CondaPackage) -> Wanted:
        """A layer for one package alone; what it holds is learnt by the way."""

        def write(file: BinaryIO) -> Written:
            with self.opened(package) as entries:
                self._keep(package, entries)
                return write_layer(entries, file, packed=True)

        return Wanted(f"layer {package.key}", f"envform: {package.shown} {package.artefact.digest}", write)

    def shared(self, packages: Sequence[CondaPackage], left_out: Mapping[str, Iterable[str]]) -> Wanted:
        """A layer for several packages, without the paths that others are to have, by name of a package."""
        ordered = sorted(packages, key=lambda it: it.key)
        dropped = {package.key: sorted(left_out.get(package.artefact.name, ())) for package in ordered}

        def write(file: BinaryIO) -> Written:
            with ExitStack() as stack:
                entries: list[Entry] = []
                for package in ordered:
                    gone = set(dropped[package.key])
                    entries += [it for it in stack.enter_context(self.opened(package)) if _path(it) not in gone]
                return write_layer(entries, file, packed=True)

        told = "\n".join(f"{key} {' '.join(paths)}" for key, paths in dropped.items())
        key = f"layer {hashlib.sha256(told.encode()).hexdigest()}"
        return Wanted(key, f"envform: {' '.join(sorted(package.shown for package in ordered))}", write)

    def bring(self, package: CondaPackage) -> None:
        """Have the package's file here."""
        self._fetch(package.artefact, self._seen)

    @contextmanager
    def opened(self, package: CondaPackage) -> Iterator[list[Entry]]:
        """What a package puts into an image, as long as the block goes on. Raises BuildError."""
        path = self._fetch(package.artefact, self._seen)
        with opened(package, path, self._unpacking) as entries:
            yield entries

    def _keep(self, package: CondaPackage, entries: Sequence[Entry]) -> Contents:
        contents = contents_of(entries)
        self._index.put(f"{_TRAITS} {package.key}", Traits.of(entries).form)
        self._index.put(f"contents {package.key}", contents.form)
        return contents


@contextmanager
def opened(package: CondaPackage, file: Path, unpacking: Unpacking) -> Iterator[list[Entry]]:
    """What the file of a package puts into an environment, as long as the block goes on. Raises BuildError."""
    try:
        with unpacking.unpacked(package, file) as folder:
            yield linked(folder, package)
    except ScriptError as cause:
        raise _runs(package, str(cause)) from cause
    except CondaError as cause:
        raise BuildError(
            "Conda package cannot be used",
            f"`{package.file}` cannot be installed. {cause} Its digest is the one in the lock, so it was "
            "published like this: choose another build or version of the package.",
        ) from cause


def _runs(package: CondaPackage, script: str) -> BuildError:
    return BuildError(
        "Conda package runs a script",
        f"`{package.file}` has the script `{script}`, which conda would run before it links the package. Such scripts "
        "may change packages themselves, and are not run by most installers. Choose a build or version without one, "
        "or install the package in a step of Docker: `docker_steps` with `RUN conda install …` on an image that has "
        "conda.",
    )


def _path(entry: Entry) -> str:
    return entry.file.path if isinstance(entry, FromWheel) else entry.path
