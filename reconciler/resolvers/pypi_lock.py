"""uv's answer as artefacts: the best file of each package for the target, in the order of installation."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from posixpath import basename, join, normpath
from typing import Literal
from urllib.parse import unquote, urlsplit

from reconciler.model.diagnostic import ResolutionError
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern

_FROM = lazy_pattern(r"\s+# from (\S+)")
_VIA = lazy_pattern(r"\s+#(?: via)?\s+([A-Za-z0-9][A-Za-z0-9._-]*)$")
_SHA256 = lazy_pattern(r"[0-9a-f]{64}")
_NAME = lazy_pattern(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:==| @ )")


@dataclass(frozen=True, slots=True)
class File:
    """One file that could be installed; `path` in place of an address for what lies on this machine."""

    url: str
    filename: str
    hashes: Mapping[str, str]
    size: int = 0
    path: str = ""


@dataclass(slots=True)
class Package:
    """One package of the resolution; a wheel wherever there is one that runs on the target."""

    name: str
    version: str
    kind: Literal["wheel", "sdist"]
    files: list[File]
    index: str = ""
    source: File | None = None
    needs: set[str] = field(default_factory=set)


def packages_of(pylock: str, annotated: str, folder: str) -> list[Package]:
    """All packages in the order of installation: each after what it needs."""
    read: list[Mapping[str, object]] = tomllib.loads(pylock).get("packages", [])
    packages = {package.name: package for package in map(_package, read)}
    for package in packages.values():
        package.files = [_absolute(file, folder) for file in package.files]
    _annotate(packages, annotated)
    return list(_in_order(packages))


def _package(read: Mapping[str, object]) -> Package:
    name, version = str(read["name"]), str(read.get("version", ""))
    wheels = [_file(one) for one in _tables(read.get("wheels"))]
    archive, folder, sdist, repository = (read.get(kind) for kind in ("archive", "directory", "sdist", "vcs"))
    if isinstance(archive, dict):
        file = _file(archive)
        return Package(name, version, "wheel" if file.filename.endswith(".whl") else "sdist", [file])
    if wheels:
        source = _file(sdist) if isinstance(sdist, dict) else None
        return Package(name, version, "wheel", wheels, source=source)
    for other in (folder, sdist):
        if isinstance(other, dict):
            return Package(name, version, "sdist", [_file(other)])
    if isinstance(repository, dict):
        url = f"{repository.get('type', 'git')}+{repository.get('url', '')}@{repository.get('commit-id', '')}"
        return Package(name, version, "sdist", [File(url, url, {})])
    raise ResolutionError("Package has no file", f"The index knows `{name} {version}` and offers no file of it.")


def _file(read: Mapping[str, object]) -> File:
    url, path = str(read.get("url", "")), str(read.get("path", ""))
    if url.startswith("file:"):
        path = unquote(urlsplit(url).path)
    filename = str(read.get("name") or unquote(basename(urlsplit(url).path)) or basename(path))
    hashes, size = read.get("hashes"), read.get("size")
    said = {str(key): str(value).lower() for key, value in hashes.items()} if isinstance(hashes, dict) else {}
    if not _SHA256.fullmatch(said.get("sha256", "")):
        said.pop("sha256", None)
    return File(url, filename, said, size if isinstance(size, int) else 0, path)


def _absolute(file: File, folder: str) -> File:
    return replace(file, path=normpath(join(folder, file.path))) if file.path else file


def _tables(value: object) -> Iterator[Mapping[str, object]]:
    yield from (one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


def _annotate(packages: Mapping[str, Package], annotated: str) -> None:
    """Who wants whom, and which index gave what, from the comments under each line."""
    current: Package | None = None
    for line in annotated.splitlines():
        if named := _NAME.match(line):
            current = packages.get(named[1])
        elif current and (place := _FROM.match(line)):
            current.index = place[1]
        elif current and (parent := _VIA.match(line)) and parent[1] in packages:
            packages[parent[1]].needs.add(current.name)


def _in_order(packages: Mapping[str, Package]) -> Iterator[Package]:
    """As pip installs: all that waits for nothing, then what waited for these; by name, backwards.

    Of two packages with one file the later wins, so this decides whose it is. What needs each other goes together.
    """
    waits = {name: package.needs - {name} for name, package in packages.items()}
    while waits:
        round_ = [name for name, needs in waits.items() if not needs] or _circle(waits)
        for name in sorted(round_, reverse=True):
            yield packages[name]
            del waits[name]
        for needs in waits.values():
            needs.difference_update(round_)


def _circle(waits: Mapping[str, set[str]]) -> list[str]:
    """Packages that wait for each other only. Who waits for the fewest waits for nothing outside of its circle."""
    circles = [sorted(_reached(name, waits)) for name in sorted(waits)]
    return min(circles, key=len)


def _reached(name: str, waits: Mapping[str, set[str]]) -> set[str]:
    """All that a package still waits for, and itself."""
    found, new = set[str](), {name}
    while new:
        found |= new
        new = {one for it in new for one in waits[it]} - found
    return found


def best_wheels(files: Iterable[File], ranks: Mapping[str, int]) -> list[File]:
    """The wheels that run on the target, the best first; of equals the one built last, as pip has it."""
    rated = []
    for file in files:
        build, tags = _parsed(file.filename)
        rank = min((ranks[tag] for tag in tags if tag in ranks), default=None)
        if rank is not None:
            rated.append(((rank, -build, file.filename), file))
    return [file for _, file in sorted(rated, key=lambda pair: pair[0])]


def _parsed(filename: str) -> tuple[int, list[str]]:
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    try:
        _, _, build, tags = parse_wheel_filename(filename)
    except InvalidWheelFilename:
        return -1, []
    return build[0] if build else -1, [str(tag) for tag in tags]
