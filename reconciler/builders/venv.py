"""`runtime = "local"`: environments on this machine: wheels by uv, over conda's packages where a lock has any."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from reconciler.builders.conda.local import LocalPrefix
from reconciler.builders.conda.package import CondaPackage
from reconciler.builders.conda.unpacking import Unpacking
from reconciler.builders.layers.working import Progress, each
from reconciler.builders.uv_installer import install_above, make_venv
from reconciler.model.address import Address
from reconciler.model.definition import Artefact, Lock
from reconciler.model.diagnostic import BuildError
from reconciler.model.digest import canonical_json
from reconciler.model.event import ChangeProgressed
from reconciler.model.work import Recipe
from reconciler.oci import media_types
from reconciler.oci.assembly import assemble
from reconciler.oci.image import Blob, Image
from reconciler.protocols import EventSink

Fetch = Callable[[Artefact, Callable[[int], None]], Path]
Files = Sequence[tuple[Artefact, Path]]
RECIPE_VERSION = "venv-1"
_MADE_OF = "envform-lock"


class VenvBuilder:
    """Each hash has one folder, whoever wants it; it is there as a whole or not at all.

    The image is a mark: it carries the names and the lock through the registry, and holds no files. `platform` is that
    of this machine.
    """

    def __init__(self, folder: Path, fetch: Fetch, platform: str) -> None:
        self._folder = folder
        self._fetch = fetch
        self._platform = platform

    def build(self, recipe: Recipe, base: Image, emit: EventSink) -> Image:  # noqa: ARG002 - there is none
        """The mark, once the virtual environment is there."""
        self.folder_of(recipe.definition.hash, recipe.lock, emit)
        return mark(recipe.lock)

    def folder_of(self, hash: str, lock: Lock, emit: EventSink) -> Path:
        """Where the virtual environment is, made where it is not, or is of another lock. Raises BuildError."""
        if lock.platform != self._platform:
            raise _for_another(lock.platform, self._platform)
        place = self._folder.absolute() / hash
        try:
            with self._held(hash):
                if not _is_made_from(place, lock):
                    self._make(place, lock, emit)
        except OSError as cause:
            raise BuildError(
                "Virtual environment cannot be made",
                f"`{place}` cannot be written: {cause.strerror or cause}.",
            ) from cause
        return place

    @contextmanager
    def _held(self, hash: str) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / f".{hash}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # given back by the kernel, whatever becomes of us
            yield

    def _make(self, place: Path, lock: Lock, emit: EventSink) -> None:
        new, old = (place.with_name(f".{place.name}.{what}") for what in ("new", "old"))
        for left in (new, old):
            shutil.rmtree(left, ignore_errors=True)
        files = self._fetched(lock, emit)
        if _of_conda(lock):
            self._make_where_it_lies(place, old, lock, files, emit)
            return
        try:
            make_venv(new, lock.python, files)
            (new / _MADE_OF).write_text(_made_from(lock, place))
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)  # a full disk would stay full
            raise
        if place.exists():
            place.rename(old)
        new.rename(place)
        shutil.rmtree(old, ignore_errors=True)

    def _make_where_it_lies(self, place: Path, old: Path, lock: Lock, files: Files, emit: EventSink) -> None:
        """Files of conda's packages hold the path of their environment, so that it cannot be moved when it is whole."""
        if place.exists():
            place.rename(old)
        try:
            place.mkdir()
            self._link(place, lock.python, files, emit)
            (place / _MADE_OF).write_text(_made_from(lock, place))
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            if old.exists():
                old.rename(place)
            raise
        shutil.rmtree(old, ignore_errors=True)

    def _link(self, place: Path, python: str, files: Files, emit: EventSink) -> None:
        unpacking = Unpacking(self._folder / ".unpacked")  # on the same disk, so that files need not be copied
        unpacking.clean()
        prefix = LocalPrefix(place, unpacking)
        linked = [(CondaPackage.of(it, python, str(place)), path) for it, path in files if it.kind == "conda"]
        for number, (package, path) in enumerate(linked):
            emit(ChangeProgressed(Address(""), "Linking packages:", number, len(linked)))
            prefix.add(package, path)
        prefix.finish(package for package, _ in linked)
        if wheels := [(it, path) for it, path in files if it.kind != "conda"]:
            install_above(place, wheels)

    def _fetched(self, lock: Lock, emit: EventSink) -> Files:
        progress = Progress(emit, sum(artefact.size for artefact in lock.artefacts))
        found = each(lambda artefact: self._fetch(artefact, progress.seen), lock.artefacts, progress)
        return list(zip(lock.artefacts, found, strict=True))


def mark(lock: Lock) -> Image:
    """The image of a lock that is installed on machines and not into images: it has labels and no layers."""
    system, architecture = lock.platform.split("/")[:2]
    labels = {"dev.envform.lock": lock.digest, "dev.envform.recipe": RECIPE_VERSION, "dev.envform.runtime": "local"}
    config = {
        "architecture": architecture,
        "os": system,
        "config": {"Labels": labels},
        "rootfs": {"type": "layers", "diff_ids": []},
    }
    return assemble(Blob.of(canonical_json(config), media_types.OCI_CONFIG), ())


def _for_another(platform: str, here: str) -> BuildError:
    return BuildError(
        "Environment is for another machine",
        f"Its packages were chosen on a machine that is {platform}, and this one is {here}. With "
        '`runtime = "local"` an environment belongs to the kind of machine that it was planned on: plan and apply here '
        "to have it for this one.",
    )


def _of_conda(lock: Lock) -> bool:
    return any(artefact.kind == "conda" for artefact in lock.artefacts)


def _made_from(lock: Lock, place: Path) -> str:
    """By which an environment is known to be the wanted one; of conda's, only where it was made."""
    return f"{lock.digest} {place}" if _of_conda(lock) else lock.digest


def _is_made_from(place: Path, lock: Lock) -> bool:
    there = place / ("conda-meta" if _of_conda(lock) else "bin/python")
    try:
        return there.exists() and (place / _MADE_OF).read_text() == _made_from(lock, place)
    except OSError:
        return False
