"""The packages of one lock on their way into layers: fetched only when something is to be learnt or to be made."""

from __future__ import annotations

import hashlib
import json
import posixpath
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import field
from pathlib import Path
from typing import BinaryIO

from reconciler.builders.conda.linking import ScriptError, linked
from reconciler.builders.conda.package import CondaError, CondaPackage
from reconciler.builders.conda.unpacking import Unpacking
from reconciler.builders.layers.archive import Entry, FromWheel, Link, OnDisk, write_layer
from reconciler.builders.layers.base_files import installed_by
from reconciler.builders.layers.contents import Contents, marks
from reconciler.builders.layers.elf import read_libraries
from reconciler.builders.layers.gzip_members import Written
from reconciler.builders.layers.index import Index
from reconciler.builders.layers.installation import Installed
from reconciler.builders.layers.making import Wanted
from reconciler.builders.layers.packages import Fetch, Seen
from reconciler.builders.layers.system_libraries import is_library
from reconciler.builders.layers.target import PREFIX
from reconciler.model.diagnostic import BuildError
from reconciler.model.frozen import dataclass
from reconciler.oci.strict_json import JsonObject

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Traits:
    """What is to be known of packages besides their files.

    `installed` is what pip would find of them: by `name-version`, paths. `variables` are what they set in every shell,
    and `activates` says whether they would like to run a script in it.
    """

    installed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    activates: bool = False


class CondaPackages:
    """Reads packages of conda's, and writes the layers of one or of several."""

    def __init__(self, index: Index, fetch: Fetch, seen: Seen, unpacking: Unpacking) -> None:
        self._index = index
        self._fetch = fetch
        self._seen = seen
        self._unpacking = unpacking

    def contents(self, packages: Iterable[CondaPackage]) -> dict[str, Contents]:
        """What is known of some packages, by their keys."""
        found = self._index.get(f"contents {package.key}" for package in packages)
        return {key.removeprefix("contents "): Contents.of_form(form) for key, form in found.items()}

    def traits(self, packages: Iterable[CondaPackage]) -> Traits:
        """Of packages whose contents are known, all together."""
        found = self._index.get(f"traits {package.key}" for package in packages).values()
        return Traits(
            {title: _texts(paths) for form in found for title, paths in _object(form, "installed").items()},
            {name: str(value) for form in found for name, value in _object(form, "variables").items()},
            any(form.get("activates") for form in found),
        )

    def learn(self, package: CondaPackage) -> Contents:
        """What a package puts into an image, read from the package itself."""
        with self.opened(package) as entries:
            return self._keep(package, entries)

    def solo(self, package: CondaPackage) -> Wanted:
        """A layer for one package alone; what it holds is learnt by the way."""

        def write(file: BinaryIO) -> Written:
            with self.opened(package) as entries:
                self._keep(package, entries)
                return write_layer(entries, file)

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
                return write_layer(entries, file)

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
        try:
            with self._unpacking.unpacked(package, path) as folder:
                yield linked(folder, package)
        except ScriptError as cause:
            raise _runs(package, str(cause)) from cause
        except CondaError as cause:
            raise BuildError(
                "Conda package cannot be used",
                f"`{package.file}` cannot be put into an image. {cause} Its digest is the one in the lock, so it was "
                "published like this: choose another build or version of the package.",
            ) from cause

    def _keep(self, package: CondaPackage, entries: Sequence[Entry]) -> Contents:
        needs, brings = _libraries(entries)
        contents = Contents(_marks(entries), needs, brings)
        self._index.put(f"traits {package.key}", _traits(entries))
        self._index.put(f"contents {package.key}", contents.form)
        return contents


def _object(form: JsonObject, name: str) -> JsonObject:
    found = form.get(name)
    return found if isinstance(found, dict) else {}


def _texts(found: object) -> Sequence[str]:
    return [str(one) for one in found] if isinstance(found, list) else ()


def _runs(package: CondaPackage, script: str) -> BuildError:
    return BuildError(
        "Conda package runs a script",
        f"`{package.file}` has the script `{script}`, which conda would run while it installs the package. Layers are "
        "made without running anything. Choose a build or version without one, or install the package in a step of "
        "Docker: `docker_steps` with `RUN conda install …` on an image that has conda.",
    )


def _path(entry: Entry) -> str:
    return entry.file.path if isinstance(entry, FromWheel) else entry.path


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


def _traits(entries: Iterable[Entry]) -> Mapping[str, object]:
    records: dict[str, bytes] = {}
    variables: dict[str, str] = {}
    activates = False
    for entry in entries:
        if not isinstance(entry, OnDisk):
            continue
        inside = entry.path.removeprefix(f"{PREFIX[1:]}/")
        if entry.path.endswith(".dist-info/RECORD"):
            records[f"/{entry.path}"] = entry.source.read_bytes()
        elif posixpath.dirname(inside) == "etc/conda/env_vars.d":
            variables |= _variables(entry.source)
        elif posixpath.dirname(inside) == "etc/conda/activate.d" and inside.endswith(".sh"):
            activates = True
    return {"installed": installed_by(records), "variables": variables, "activates": activates}


def _variables(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_bytes())
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
