"""Wheels built from source on this machine, each once for its source, a Python and a kind of machine."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from reconciler.model.definition import Artefact, Definition
from reconciler.model.diagnostic import ResolutionError
from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass
from reconciler.model.source_tree import is_source
from reconciler.resolvers.pypi_lock import File, Package, best_wheels
from reconciler.resolvers.pypi_target import Target
from reconciler.resolvers.scratch import scratch

BUILT = "built"
_RECIPE = 1
Build = Callable[[Path, Path], None]


@dataclass(frozen=True, slots=True)
class Builds:
    """Builds by `run`, which is given a source and a folder for the wheel, and keeps the wheels in `folder`."""

    folder: Path
    target: Target
    run: Build

    def artefact(self, package: Package, source: Path, digest: Digest) -> tuple[Artefact, bool]:
        """The wheel of a source with a digest, and whether it was built just now. Raises ResolutionError."""
        key = f"{_RECIPE} {digest} {self.target.minor} {self.target.architecture}"
        place = self.folder / hashlib.sha256(key.encode()).hexdigest()
        found = next(place.glob("*.whl"), None)
        wheel = found or self._built(source, place)
        with suppress(OSError):
            os.utime(wheel)  # used now, for whoever looks what nobody uses
        self._check(package, wheel)
        with wheel.open("rb") as file:
            sha256 = Digest.of_stream(file)
        version, size = wheel.name.split("-")[1], wheel.stat().st_size
        url = f"{BUILT}:{place.name}/{wheel.name}"
        return Artefact(package.name, version, url, sha256, size, source=digest), found is None

    def _built(self, source: Path, place: Path) -> Path:
        place.parent.mkdir(parents=True, exist_ok=True)
        new = place.with_name(f".{place.name}.{uuid4().hex}")
        try:
            self.run(source, new)
            with suppress(OSError):  # somebody else has built it meanwhile, and theirs is as good
                new.rename(place)
        finally:
            shutil.rmtree(new, ignore_errors=True)
        found = next(place.glob("*.whl"), None)
        if found is None:
            raise ResolutionError("Package cannot be built", f"The build of `{source.name}` ended without a wheel.")
        return found

    def _check(self, package: Package, wheel: Path) -> None:
        if not best_wheels([File("", wheel.name, {})], self.target.ranks):
            raise ResolutionError(
                "Package cannot be built",
                f"The build of `{package.name}` made `{wheel.name}`, which does not run on Python {self.target.minor} "
                f"for {self.target.architecture}. What is built here runs on this machine's Python "
                f"{_here()} for {platform.machine()}; only pure Python runs elsewhere, too.",
            )
        pure = wheel.name.endswith("-none-any.whl")
        if not pure and (self.target.minor, self.target.architecture) != (_here(), platform.machine()):
            raise ResolutionError(
                "Package cannot be built",
                f"The build of `{package.name}` made `{wheel.name}`, which runs on this machine only.",
            )


def _here() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


@contextmanager
def copied_folders(definition: Definition, root: Path) -> Iterator[dict[str, Path]]:
    """Copies of all folders of the project that a definition names: builds write into what they build."""
    with scratch() as copies:
        places = {}
        for number, own in enumerate(sorted(definition.files)):
            if (root / own).is_dir():
                places[own] = copies / str(number) / (Path(own).name or "project")
                shutil.copytree(root / own, places[own], symlinks=True, ignore=_others)
        yield places


def _others(_: str, names: list[str]) -> set[str]:
    return {name for name in names if not is_source(name)}


def needs_build(packages: Sequence[Package]) -> ResolutionError:
    """The error for packages without a wheel, where nobody said that they may be built."""
    shown = "".join(f"\n    {package.name} {package.version}".rstrip() for package in packages)
    return ResolutionError(
        "Package needs a build",
        "There is no wheel, only source, and a build runs the package's own code on this machine, while planning. "
        f"These need one:\n{shown}\n\nBuild a wheel and name it in place of the source, or allow it:\n\n"
        "    allow_source_builds = true",
    )
