"""uv as it puts wheels that lie here into environments of this machine; it looks for nothing and builds nothing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit

from reconciler.model.definition import Artefact
from reconciler.model.diagnostic import BuildError

_PATIENCE = 1800
_OFFLINE = ("--no-index", "--offline", "--no-build")
# The user's own places for what uv keeps; everything else that uv is told comes from the lock.
_KEPT = ("UV_CACHE_DIR", "UV_PYTHON_INSTALL_DIR", "UV_PYTHON_PREFERENCE", "UV_PYTHON_DOWNLOADS", "UV_LINK_MODE")


def make_venv(folder: Path, python: str, wheels: Iterable[tuple[Artefact, Path]]) -> None:
    """A virtual environment for a Python X.Y with these wheels and nothing else. Raises BuildError."""
    _uv("venv", "--relocatable", "--no-project", "--python", python, str(folder))
    with _listed(wheels, folder) as requirements:
        _pip("sync", folder, "--allow-empty-requirements", str(requirements))


def install_above(folder: Path, wheels: Iterable[tuple[Artefact, Path]]) -> None:
    """Wheels beside what an environment has; of one package they replace another version. Raises BuildError."""
    with _listed(wheels, folder) as requirements:
        _pip("install", folder, "--no-deps", "--break-system-packages", "--requirement", str(requirements))


@contextmanager
def _listed(wheels: Iterable[tuple[Artefact, Path]], place: Path) -> Iterator[Path]:
    """In what is being made: whatever is left of it goes when it is made again.

    By name and version: an address would be written down beside each package, for `pip freeze` to repeat.
    """
    with TemporaryDirectory(prefix=".wheels-", dir=place) as folder:
        requirements = Path(folder, "requirements.txt")
        lines = [f"--find-links {Path(folder).absolute().as_uri()}"]
        for artefact, path in wheels:
            _link(artefact, path, Path(folder))
            lines.append(f"{artefact.name}=={artefact.version}")
        requirements.write_text("\n".join([*lines, ""]))
        yield requirements


def _pip(what: str, folder: Path, *words: str) -> None:
    _uv("pip", what, "--python", str(folder / "bin" / "python"), *_OFFLINE, *words)


def _link(artefact: Artefact, path: Path, folder: Path) -> None:
    """A wheel under its own name, for in the cache it has another."""
    if artefact.kind != "wheel":
        detail = f"`{artefact.name} {artefact.version}` is no wheel, and local environments are made of wheels."
        raise BuildError("Package cannot be installed", detail)
    link = folder / unquote(urlsplit(artefact.url).path).rpartition("/")[2]
    link.symlink_to(path.resolve())


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
