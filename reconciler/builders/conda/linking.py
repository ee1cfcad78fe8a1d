"""What conda puts into an environment for one package: its files at their places, scripts, and its record."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.builders.conda.package import CondaError, CondaPackage
from reconciler.builders.conda.prefix import replace_in
from reconciler.builders.conda.record import Placed, record_of
from reconciler.builders.layers.archive import Entry, Folder, Link, OnDisk
from reconciler.builders.layers.installation import Installed
from reconciler.builders.layers.scripts import entry_script
from reconciler.builders.layers.tar import TIME
from reconciler.builders.layers.zip_directory import WheelError

if TYPE_CHECKING:
    from rattler import PathsEntry

_PROGRAM, _FILE = 0o755, 0o644


class ScriptError(CondaError):
    """It wants to run a program before it is linked."""


def linked(folder: Path, package: CondaPackage) -> list[Entry]:
    """All entries of an environment for a package that lies unpacked in a folder; its files may be changed there."""
    index = _read(folder, "index")
    told = f"{index.get('name')}={index.get('version')}={index.get('build')}"
    if told != package.shown:
        raise CondaError(f"It holds the package `{told}`.")
    placed = {one.path: one for one in _placed(folder, package, index)}
    for one in _scripts(folder, package, index):
        placed[one.path] = one
    _check_tree(placed)
    files = [placed[path] for path in sorted(placed)]
    record = Installed(f"{package.prefix[1:]}/conda-meta/{package.title}.json", _FILE, record_of(package, index, files))
    return [*(one.entry for one in files), record]


def _placed(folder: Path, package: CondaPackage, index: Mapping[str, object]) -> Iterator[Placed]:
    python = package.python if _is_for_any(index) else ""
    for path in _paths(folder):
        name = path.relative_path.as_posix()
        parts = name.split("/")
        if name.startswith("/") or any(part in ("", ".", "..") or part.startswith(".wh.") for part in parts):
            raise CondaError(f"`{name!r}` in it is no path of a file that an environment may have.")
        if name == f"bin/.{package.artefact.name}-pre-link.sh":
            raise ScriptError(name)
        source = folder / name
        if source.parent.resolve() != source.parent:
            raise CondaError(f"`{name}` in it lies behind a link.")
        yield _one(path, source, _target(name, python), package.prefix)


def _one(path: PathsEntry, source: Path, target: str, prefix: str) -> Placed:
    where = f"{prefix[1:]}/{target}"
    found = source.lstat() if os.path.lexists(source) else None
    if path.path_type.directory or (found and stat.S_ISDIR(found.st_mode)):
        return Placed(target, Folder(where), "directory")
    if found and stat.S_ISLNK(found.st_mode):
        return Placed(target, Link(where, os.readlink(source)), "softlink", path.sha256)  # noqa: PTH115 - its text
    if found is None or not stat.S_ISREG(found.st_mode):
        raise CondaError(f"It lists the file `{source.name}` and does not hold it.")
    replaced: dict[str, object] = {}
    if placeholder := path.prefix_placeholder:
        replace_in(source, placeholder.placeholder, prefix, text=placeholder.file_mode.text)
        kind = "text" if placeholder.file_mode.text else "binary"
        with source.open("rb") as file:
            now = hashlib.file_digest(file, "sha256").hexdigest()
        replaced = {"sha256_in_prefix": now, "file_mode": kind, "prefix_placeholder": placeholder.placeholder}
    mode = _PROGRAM if found.st_mode & 0o111 else _FILE
    entry = OnDisk(where, mode, source.stat().st_size, max(int(found.st_mtime), TIME), source)
    return Placed(target, entry, "hardlink", path.sha256, replaced)


def _target(name: str, python: str) -> str:
    """Where a file goes, below our folder; `python` is X.Y where the package is Python's and for any."""
    top, _, rest = name.partition("/")
    if top == "site-packages" and python:
        return f"lib/python{python}/site-packages/{rest}"
    return f"bin/{rest}" if top == "python-scripts" and python else name


def _is_for_any(index: Mapping[str, object]) -> bool:
    return index.get("noarch") in ("python", True)


def _scripts(folder: Path, package: CondaPackage, index: Mapping[str, object]) -> Iterator[Placed]:
    """Of a package for any Python, what its entry points ask for; others bring their scripts as files."""
    if not _is_for_any(index):
        return
    if not package.python:
        raise CondaError("It is for any Python, and there is none among the packages.")
    noarch = _read(folder, "link").get("noarch") if (folder / "info/link.json").exists() else None
    points = noarch.get("entry_points") if isinstance(noarch, dict) else None
    for point in points if isinstance(points, list) else ():
        name, _, call = (part.strip() for part in str(point).partition("="))
        if not re.fullmatch(r"[\w.+-]+", name) or name in (".", ".."):
            raise CondaError(f"It has an entry point of the name `{name!r}`, which no file can have.")
        try:
            script = entry_script(call, f"{package.prefix}/bin/python")
        except WheelError as cause:
            raise CondaError(str(cause)) from cause
        entry = Installed(f"{package.prefix[1:]}/bin/{name}", _PROGRAM, script)
        yield Placed(f"bin/{name}", entry, "unix_python_entry_point")


def _paths(folder: Path) -> list[PathsEntry]:
    from rattler import PathsJson

    try:
        found = PathsJson.from_package_directory_with_deprecated_fallback(folder).paths
    except Exception as cause:
        raise CondaError(f"Its list of files cannot be read: {cause}.") from cause
    return sorted(found, key=lambda it: it.relative_path.as_posix())


def _read(folder: Path, name: str) -> Mapping[str, object]:
    try:
        found = json.loads((folder / "info" / f"{name}.json").read_bytes())
    except (OSError, ValueError, RecursionError) as cause:
        raise CondaError(f"Its `info/{name}.json` cannot be read.") from cause
    if not isinstance(found, dict):
        raise CondaError(f"Its `info/{name}.json` is no object.")
    return found


def _check_tree(placed: Mapping[str, Placed]) -> None:
    solid: Collection[str] = {path for path, one in placed.items() if not isinstance(one.entry, Folder)}
    for path in placed:
        parent = path.rpartition("/")[0]
        while parent:
            if parent in solid:
                raise CondaError(f"`{parent}` in it would be a file and a folder, for it also brings `{path}`.")
            parent = parent.rpartition("/")[0]
