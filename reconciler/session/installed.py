"""What is installed on this machine: virtual environments and conda environments, read from their own records."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from email.parser import HeaderParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from reconciler.language.definition.names import python_name
from reconciler.language.sketches.projects import table
from reconciler.language.sketches.sketch import unusable
from reconciler.model.frozen import dataclass

if TYPE_CHECKING:
    from reconciler.language.sketches.conda_locks import Installed
    from reconciler.language.sketches.sketch import Sketch

# Tools that come with an environment: `pip freeze` leaves them out, too.
_TOOLS = {"pip", "setuptools", "wheel", "distribute"}
_SETTINGS = "pyvenv.cfg"
_RECORDS = "conda-meta"


@dataclass(frozen=True, slots=True)
class Distribution:
    """One Python package; `address` is set where it did not come from an index, `folder` where from this machine."""

    name: str
    version: str
    address: str = ""
    folder: str = ""
    installer: str = ""

    @property
    def line(self) -> str:
        """As a requirements file has it."""
        return f"{self.name} @ {self.address}" if self.address else f"{self.name}=={self.version}"


def sketch_virtual_environment(folder: Path, shown: str, sketch: Sketch) -> None:
    """A virtual environment's packages, each in its version."""
    settings = _settings(folder, shown)
    sketch.python = ".".join((settings.get("version_info") or settings.get("version", "")).split(".")[:2])
    sketch.fields["python_version"] = sketch.python
    if settings.get("include-system-site-packages") == "true":
        sketch.leave(f"`{shown}` sees the packages of the Python it was made with, too; those are not taken over.")
    places = [*folder.glob("lib*/python*/site-packages"), *folder.glob("Lib/site-packages")]
    found = {one.name: one for place in places for one in distributions(place)}
    sketch.fields["pip"] = list(_lines(found, sketch))
    if not sketch.fields["pip"]:
        raise unusable(f"Nothing is installed in the virtual environment `{shown}`, but for the tools of its own.")


def _settings(folder: Path, shown: str) -> dict[str, str]:
    try:
        text = (folder / _SETTINGS).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        detail = f"`{shown}` is no virtual environment: it has no readable `{_SETTINGS}`."
        raise unusable(detail, "`-from-conda-env` reads conda's environments") from cause
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    settings = {name.strip().lower(): value.strip() for name, _, value in pairs}
    if not (settings.get("version") or settings.get("version_info")):
        raise unusable(f"`{shown}/{_SETTINGS}` does not say which Python the virtual environment is for.")
    return settings


def _lines(found: Mapping[str, Distribution], sketch: Sketch) -> Iterator[str]:
    for name in sorted(found.keys() - _TOOLS):
        one = found[name]
        if one.folder:
            is_wheel = one.folder.endswith(".whl")
            sketch.leave(
                f"`{name}` is installed from the {'file' if is_wheel else 'folder'} `{one.folder}`, which nobody else "
                "has.",
                f"{'' if is_wheel else 'build a wheel of it, '}put it into the project, and add its path to `pip`",
            )
        else:
            yield one.line


def distributions(place: Path) -> Iterator[Distribution]:
    """What is installed in one folder of packages."""
    for folder in sorted([*place.glob("*.dist-info"), *place.glob("*.egg-info")]):
        for name in ("METADATA", "PKG-INFO"):
            path = folder / name if folder.is_dir() else folder
            if path.is_file():
                yield _distribution(path, folder)
                break


def _distribution(path: Path, folder: Path) -> Distribution:
    headers = HeaderParser().parsestr(path.read_text(encoding="utf-8", errors="replace"))
    name = python_name(str(headers.get("Name", folder.name.partition("-")[0])))
    installer = folder / "INSTALLER"
    by = installer.read_text(encoding="utf-8", errors="replace").strip() if installer.is_file() else ""
    address, own = _origin(folder / "direct_url.json")
    return Distribution(name, str(headers.get("Version", "")), address, own, by)


def _origin(path: Path) -> tuple[str, str]:
    """An address that pip understands, or the folder on this machine."""
    try:
        origin = table(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return "", ""
    url = str(origin.get("url", ""))
    if vcs := table(origin.get("vcs_info")):
        inside = f"#subdirectory={origin['subdirectory']}" if origin.get("subdirectory") else ""
        return f"{vcs.get('vcs', 'git')}+{url}@{vcs.get('commit_id', '')}{inside}", ""
    if url.startswith("file:"):
        return "", unquote(url.removeprefix("file://"))
    return url, ""


def sketch_conda_environment(named: str, root: Path, environ: Mapping[str, str], sketch: Sketch) -> None:
    """What a conda environment has installed, with what pip put there beside it."""
    from reconciler.language.sketches.conda_locks import sketch_installed

    prefix = _prefix(named, root, environ)
    packages = list(_records(prefix, sketch))
    own = {python_name(one.name) for one in packages}
    places = [*prefix.glob("lib/python*/site-packages"), *prefix.glob("Lib/site-packages")]
    found = {
        one.name: one
        for place in places
        for one in distributions(place)
        if one.installer != "conda" and one.name not in own
    }
    sketch_installed(packages, list(_lines(found, sketch)), sketch, builds=False)
    sketch.name = sketch.name or prefix.name
    sketch.python = next((".".join(one.version.split(".")[:2]) for one in packages if one.name == "python"), "")


def _prefix(named: str, root: Path, environ: Mapping[str, str]) -> Path:
    """A folder, or the name of an environment where conda keeps them."""
    tried = [root / named]
    if os.sep not in named:
        active = Path(environ["CONDA_PREFIX"]) if environ.get("CONDA_PREFIX") else None
        own = [active.parent, active / "envs"] if active else []
        listed = [Path(one) for one in environ.get("CONDA_ENVS_PATH", "").split(os.pathsep) if one]
        usual = [
            Path.home() / name / "envs" for name in (".conda", "miniconda3", "miniforge3", "anaconda3", "micromamba")
        ]
        rooted = [Path(environ["MAMBA_ROOT_PREFIX"]) / "envs"] if environ.get("MAMBA_ROOT_PREFIX") else []
        tried += [one / named for one in (*own, *listed, *rooted, *usual)]
        if named == "base" and environ.get("CONDA_EXE"):
            tried.append(Path(environ["CONDA_EXE"]).parent.parent)
    for prefix in tried:
        if (prefix / _RECORDS).is_dir():
            return prefix.resolve()
    detail = f"No conda environment `{named}` was found: no folder of that name has a `{_RECORDS}` in it."
    raise unusable(detail, "name the environment's folder, as `conda env list` shows it")


def _records(prefix: Path, sketch: Sketch) -> Iterator[Installed]:
    from reconciler.language.sketches.conda_locks import Installed, channel_of

    elsewhere = set()
    for path in sorted((prefix / _RECORDS).glob("*.json")):
        try:
            record = table(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            record = {}
        if not (record.get("name") and record.get("version")):
            raise unusable(f"`{path}` cannot be read as the record of a conda package.")
        subdir = str(record.get("subdir", ""))
        channel = str(record.get("channel", "")).rstrip("/").removesuffix(f"/{subdir}")
        if subdir not in ("", "noarch", "linux-64"):
            elsewhere.add(subdir)
        yield Installed(
            str(record.get("name")), str(record.get("version")), str(record.get("build")), channel_of(channel)
        )
    if elsewhere:
        detail = f"The packages are built for {', '.join(sorted(elsewhere))}; for Linux others may be needed."
        sketch.leave(detail, "remove what exists on that system only")
