"""`runtime = "local"`: virtual environments on this machine, made of a lock's wheels by uv."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit

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
RECIPE_VERSION = "venv-1"
_MADE_OF = "envform-lock"
_AT_ONCE = 8
_PATIENCE = 1800
# The user's own places for what uv keeps; everything else that uv is told comes from the lock.
_KEPT = ("UV_CACHE_DIR", "UV_PYTHON_INSTALL_DIR", "UV_PYTHON_PREFERENCE", "UV_PYTHON_DOWNLOADS", "UV_LINK_MODE")


class VenvBuilder:
    """Each hash has one folder, whoever wants it; it is there as a whole or not at all.

    The image is a mark: it carries the names and the lock through the registry, and holds no files.
    """

    def __init__(self, folder: Path, fetch: Fetch) -> None:
        self._folder = folder
        self._fetch = fetch

    def build(self, recipe: Recipe, base: Image, emit: EventSink) -> Image:  # noqa: ARG002 - there is none
        """The mark, once the virtual environment is there."""
        self.folder_of(recipe.definition.hash, recipe.lock, emit)
        return mark(recipe.lock)

    def folder_of(self, hash: str, lock: Lock, emit: EventSink) -> Path:
        """Where the virtual environment is, made where it is not, or is of another lock. Raises BuildError."""
        place = self._folder / hash
        try:
            with self._held(hash):
                if _made_of(place) != lock.digest:
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
        with TemporaryDirectory(prefix="envform-wheels-") as wheels:
            requirements = Path(wheels, "requirements.txt")
            requirements.write_text("".join(f"{path}\n" for path in self._wheels(lock, Path(wheels), emit)))
            _uv("venv", "--relocatable", "--no-project", "--python", lock.python, str(new))
            python = str(new / "bin" / "python")
            offline = ("--no-index", "--offline", "--no-build", "--allow-empty-requirements")
            _uv("pip", "sync", "--python", python, *offline, str(requirements))
        (new / _MADE_OF).write_text(lock.digest)
        if place.exists():
            place.rename(old)
        new.rename(place)
        shutil.rmtree(old, ignore_errors=True)

    def _wheels(self, lock: Lock, folder: Path, emit: EventSink) -> Iterator[Path]:
        """The wheels under their own names, for in the cache they have others."""
        for artefact in lock.artefacts:
            if artefact.kind != "wheel":
                detail = f"`{artefact.name} {artefact.version}` is no wheel, and local environments are made of wheels."
                raise BuildError("Package cannot be installed", detail)
        total = sum(artefact.size for artefact in lock.artefacts)
        done = 0

        def seen(size: int) -> None:
            nonlocal done
            done += size
            emit(ChangeProgressed(Address(""), "Fetching packages", done, total))

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = pool.map(lambda artefact: self._fetch(artefact, seen), lock.artefacts)
            for artefact, path in zip(lock.artefacts, found, strict=True):
                link = folder / unquote(urlsplit(artefact.url).path).rpartition("/")[2]
                link.symlink_to(path.resolve())
                yield link


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


def _made_of(place: Path) -> str:
    try:
        return (place / _MADE_OF).read_text() if (place / "bin" / "python").exists() else ""
    except OSError:
        return ""


def _uv(*words: str) -> None:
    from uv import find_uv_bin

    environment = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "VIRTUAL_ENV"))}
    environment |= {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        done = subprocess.run(
            [find_uv_bin(), *words, "--no-config", "--quiet", "--color", "never"],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_PATIENCE,
        )
    except subprocess.TimeoutExpired as cause:
        raise BuildError("Virtual environment cannot be made", f"uv did not end within {_PATIENCE} seconds.") from cause
    if done.returncode:
        detail = f"`uv {words[0]}` failed on this machine. It says:\n\n{done.stderr.strip()[-2000:]}"
        raise BuildError("Virtual environment cannot be made", detail)
