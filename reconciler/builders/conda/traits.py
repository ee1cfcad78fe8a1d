"""What is to be known of a package besides its files: what it does to shells, what it runs, and what it runs with."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from reconciler.builders.conda.scripts import LinkScript, post_link
from reconciler.builders.layers.archive import Entry, Link, OnDisk
from reconciler.builders.layers.base_files import installed_by
from reconciler.builders.layers.installation import Installed
from reconciler.builders.layers.target import PREFIX
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern
from reconciler.oci.strict_json import JsonObject

_GLIBC = lazy_pattern(r"__glibc >=(\d+(?:\.\d+)*)")
_VARIABLES, _ACTIVATES = "etc/conda/env_vars.d", "etc/conda/activate.d"


@dataclass(frozen=True, slots=True)
class Traits:
    """Of one package, or of several together.

    `installed` is what pip would find of them: by `name-version`, paths. `settings` are what they set in every shell,
    by the file that says so, `activates` names those who would like to run a script in it, `scripts` are what runs once
    all are linked, and `glibc` is the oldest that they run with.
    """

    installed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    activates: tuple[str, ...] = ()
    scripts: tuple[LinkScript, ...] = ()
    glibc: str = ""

    @property
    def variables(self) -> Mapping[str, str]:
        """What is set in the end: conda reads the files in the order of their names."""
        return {name: value for file in sorted(self.settings) for name, value in self.settings[file].items()}

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Traits:
        """Of one package, read from its files."""
        record = _record(entries)
        name, version = str(record.get("name", "")), str(record.get("version", ""))
        script = post_link(name)
        records: dict[str, bytes] = {}
        settings: dict[str, Mapping[str, str]] = {}
        paths: set[str] = set()
        for entry in entries:
            if isinstance(entry, OnDisk | Link):
                paths.add(entry.path.removeprefix(f"{PREFIX[1:]}/"))
            if not isinstance(entry, OnDisk):
                continue
            inside = entry.path.removeprefix(f"{PREFIX[1:]}/")
            if entry.path.endswith(".dist-info/RECORD"):
                records[f"/{entry.path}"] = entry.source.read_bytes()
            elif posixpath.dirname(inside) == _VARIABLES:
                settings[posixpath.basename(inside)] = read_variables(entry.source)
        return cls(
            installed_by(records),
            settings,
            (name,) if any(posixpath.dirname(it) == _ACTIVATES and it.endswith(".sh") for it in paths) else (),
            (LinkScript(name, version, str(record.get("build_number", 0))),) if script in paths else (),
            _newest(_GLIBC.findall(json.dumps(record.get("depends", [])))),
        )

    @classmethod
    def of_forms(cls, forms: Iterable[JsonObject]) -> Traits:
        """Of several packages together, as they were kept, in the order of their installation."""
        kept = list(forms)
        settings: dict[str, Mapping[str, str]] = {}
        for form in kept:
            for file, found in _object(form, "settings").items():
                settings[file] = {str(name): str(value) for name, value in _object({"": found}, "").items()}
        return cls(
            {title: _texts(paths) for form in kept for title, paths in _object(form, "installed").items()},
            settings,
            tuple(name for form in kept for name in _texts(form.get("activates"))),
            tuple(LinkScript(*_texts(it)) for form in kept for it in _list(form.get("scripts"))),
            _newest(str(form.get("glibc", "")) for form in kept),
        )

    @property
    def form(self) -> JsonObject:
        """As they are kept."""
        return {
            "installed": {title: list(paths) for title, paths in self.installed.items()},
            "settings": {file: dict(found) for file, found in self.settings.items()},
            "activates": list(self.activates),
            "scripts": [[it.name, it.version, it.number] for it in self.scripts],
            "glibc": self.glibc,
        }


def numbers(version: str) -> tuple[int, ...]:
    """By which versions of a C library are compared."""
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def read_variables(path: Path) -> Mapping[str, str]:
    """What a file in `etc/conda/env_vars.d` says; of one that cannot be read, nothing."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _record(entries: Sequence[Entry]) -> JsonObject:
    """The package's own record, which is the last that is made for it."""
    last = entries[-1] if entries else None
    found = json.loads(last.content) if isinstance(last, Installed) and isinstance(last.content, bytes) else {}
    return found if isinstance(found, dict) else {}


def _newest(versions: Iterable[str]) -> str:
    return max(versions, key=numbers, default="")


def _object(form: JsonObject, name: str) -> JsonObject:
    found = form.get(name)
    return found if isinstance(found, dict) else {}


def _list(found: object) -> Sequence[object]:
    return found if isinstance(found, list) else ()


def _texts(found: object) -> Sequence[str]:
    return [str(one) for one in _list(found)]
