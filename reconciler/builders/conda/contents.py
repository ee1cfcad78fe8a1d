"""What is known of a package once it was opened: its paths with their marks, libraries, and what it does to shells."""

from __future__ import annotations

import json
import posixpath
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from reconciler.builders.layers.archive import Entry, Link, OnDisk
from reconciler.builders.layers.base_files import installed_by
from reconciler.builders.layers.contents import Contents, marks
from reconciler.builders.layers.elf import read_libraries
from reconciler.builders.layers.installation import Installed
from reconciler.builders.layers.system_libraries import is_library
from reconciler.builders.layers.target import PREFIX
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern
from reconciler.oci.strict_json import JsonObject

_PIECE = 1 << 20
_GLIBC = lazy_pattern(rb'"__glibc >=(\d+(?:\.\d+)*)')


@dataclass(frozen=True, slots=True)
class Traits:
    """What is to be known of packages besides their files.

    `installed` is what pip would find of them: by `name-version`, paths. `variables` are what they set in every shell,
    `activates` says whether they would like to run a script in it, and `glibc` is the oldest that they run with.
    """

    installed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    activates: bool = False
    glibc: str = ""

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Traits:
        """Of one package, read from its files."""
        records: dict[str, bytes] = {}
        variables: dict[str, str] = {}
        activates = False
        glibc = ""
        for entry in entries:
            if isinstance(entry, Installed) and isinstance(entry.content, bytes) and entry.path.endswith(".json"):
                glibc = _newest(match.decode() for match in _GLIBC.findall(entry.content))
            if not isinstance(entry, OnDisk):
                continue
            inside = entry.path.removeprefix(f"{PREFIX[1:]}/")
            if entry.path.endswith(".dist-info/RECORD"):
                records[f"/{entry.path}"] = entry.source.read_bytes()
            elif posixpath.dirname(inside) == "etc/conda/env_vars.d":
                variables |= _variables(entry.source)
            elif posixpath.dirname(inside) == "etc/conda/activate.d" and inside.endswith(".sh"):
                activates = True
        return cls(installed_by(records), variables, activates, glibc)

    @classmethod
    def of_forms(cls, forms: Iterable[JsonObject]) -> Traits:
        """Of several packages together, as they were kept."""
        kept = list(forms)
        return cls(
            {title: _texts(paths) for form in kept for title, paths in _object(form, "installed").items()},
            {name: str(value) for form in kept for name, value in _object(form, "variables").items()},
            any(form.get("activates") for form in kept),
            _newest(str(form.get("glibc", "")) for form in kept),
        )

    @property
    def form(self) -> JsonObject:
        """As they are kept."""
        installed = {title: list(paths) for title, paths in self.installed.items()}
        rest = {"variables": dict(self.variables), "activates": self.activates, "glibc": self.glibc}
        return {"installed": installed, **rest}


def _newest(versions: Iterable[str]) -> str:
    return max(versions, key=numbers, default="")


def numbers(version: str) -> tuple[int, ...]:
    """By which versions of a C library are compared."""
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def contents_of(entries: Sequence[Entry]) -> Contents:
    """What a package puts into an image, without its bytes."""
    needs, brings = _libraries(entries)
    return Contents(_marks(entries), needs, brings)


def _object(form: JsonObject, name: str) -> JsonObject:
    found = form.get(name)
    return found if isinstance(found, dict) else {}


def _texts(found: object) -> Sequence[str]:
    return [str(one) for one in found] if isinstance(found, list) else ()


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


def _variables(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_bytes())
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
