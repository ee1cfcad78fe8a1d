"""What uv has locked for a project, and what is asked of all projects."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from reconciler.language.definition.names import python_name
from reconciler.language.sketches.sketch import Sketch, unusable
from reconciler.model.suggestion import did_you_mean

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

Table = Mapping[str, object]
# The best supported first: of several that a project allows, this decides.
PYTHONS = ("3.12", "3.13", "3.11", "3.14", "3.10", "3.9")
_PARTS = ("optional-dependencies", "dev-dependencies")


def loaded(text: str, path: str) -> Table:
    """A TOML file; EnvformError where it is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        raise unusable(f"`{path}` is not TOML: {cause}.") from cause


def table(value: object) -> Table:
    """A table, empty where something else stands there."""
    return value if isinstance(value, dict) else {}


def tables(value: object) -> list[Table]:
    """The tables in a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def texts(value: object) -> list[str]:
    """The texts in a list."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def python_for(wanted: str, path: str, chosen: str = "") -> str:
    """The Python to use where a project asks for one with `requires-python`; `chosen` is what the user asks for."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        allowed = SpecifierSet(wanted)
    except InvalidSpecifier as cause:
        raise unusable(f"`requires-python` in `{path}` is `{wanted[:60]}`, which asks for no versions.") from cause
    found = next((one for one in ([chosen] if chosen else PYTHONS) if _allows(allowed, one)), "")
    if not found and chosen:
        raise unusable(f"`{path}` asks for Python `{wanted[:60]}`, and {chosen} is not that.", "leave out -python")
    if not found:
        raise unusable(
            f"`{path}` asks for Python `{wanted[:60]}`, and of {', '.join(_in_order(PYTHONS))} none is that."
        )
    return found


def _allows(allowed: SpecifierSet, python: str) -> bool:
    """A patch release counts: `>=3.12.3` is Python 3.12."""
    from packaging.version import InvalidVersion

    try:
        return any(f"{python}.{patch}" in allowed for patch in (0, 99))
    except InvalidVersion:
        return True  # what is no Python at all is told with the flag itself


def _in_order(pythons: Iterable[str]) -> list[str]:
    return sorted(pythons, key=lambda one: [int(part) for part in one.split(".")])


def sketch_uv_lock(
    text: str, path: str, sketch: Sketch, within: Callable[[str], str | None], extras: Sequence[str], python: str = ""
) -> None:
    """The packages that uv has chosen for Linux, each in its version."""
    document = loaded(text, path)
    packages = tables(document.get("package"))
    roots = [one for one in packages if _is_own(one)]
    if not roots:
        raise unusable(f"`{path}` locks no project: no `[[package]]` in it is the project's own.")
    sketch.name = sketch.name or str(roots[0].get("name", ""))
    sketch.python = python_for(str(document.get("requires-python", "")), path, python)
    sketch.fields["python_version"] = sketch.python
    chosen = _Chosen(packages, sketch, within, _marker_values(sketch.python))
    parts = {name: root for root in roots for kind in _PARTS for name in table(root.get(kind))}
    wanted = tuple(known_part(one, parts, path) for one in extras)
    for root in roots:
        chosen.walk(root, wanted)
    tell_optional(dict.fromkeys(sorted(parts.keys() - set(wanted)), ""), path, sketch)
    if chosen.folders:
        folders = ", ".join(f"`{one}`" for one in sorted(chosen.folders))
        sketch.leave(f"Packages of `{path}` come from {folders} of one machine; here they come from the index.")
    sketch.fields["pip"] = [*sorted(chosen.indexes), *sorted(chosen.lines)]


def known_part(wanted: str, parts: Iterable[str], path: str) -> str:
    """An extra or group as the project spells it; EnvformError where it has none of that name."""
    known = {python_name(one): one for one in parts}
    if found := known.get(python_name(wanted)):
        return found
    it_has = f"It has: {', '.join(sorted(known.values()))}." if known else "It has none."
    detail = f"`{path}` has no extra and no group `{wanted}`. {it_has}"
    raise unusable(detail, did_you_mean(wanted, known.values()))


def tell_optional(parts: Mapping[str, str], path: str, sketch: Sketch) -> None:
    """Tell of extras and groups that nobody asked for, and what is in them."""
    named = [f"`{name}`" + (f" ({what})" if what else "") for name, what in parts.items()]
    if len(named) == 1:
        sketch.leave(f"{named[0]} in `{path}` is optional.", f"add -extra={next(iter(parts))}")
    elif named:
        sketch.leave(f"Optional in `{path}`: {', '.join(named)}.", "add -extra=NAME for each that is wanted")


def _is_own(package: Table) -> bool:
    return not table(package.get("source")).keys().isdisjoint(("editable", "virtual"))


def _marker_values(python: str) -> dict[str, str]:
    full = f"{python}.0"
    return {
        "implementation_name": "cpython",
        "implementation_version": full,
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": full,
        "python_version": python,
        "sys_platform": "linux",
    }


class _Chosen:
    """What the project's own packages lead to, on one platform."""

    def __init__(
        self, packages: list[Table], sketch: Sketch, within: Callable[[str], str | None], markers: dict[str, str]
    ) -> None:
        self._packages = packages
        self._sketch = sketch
        self._within = within
        self._markers = markers
        self._seen: set[tuple[str, str, tuple[str, ...]]] = set()
        self.lines: set[str] = set()
        self.indexes: set[str] = set()
        self.folders: set[str] = set()

    def walk(self, package: Table, extras: tuple[str, ...]) -> None:
        """Follow what a package needs, and what its extras need."""
        waiting = [(package, extras)]
        while waiting:
            current, wanted = waiting.pop()
            key = (str(current.get("name")), str(current.get("version")), wanted)
            if key in self._seen:
                continue
            self._seen.add(key)
            self._take(current)
            needed = tables(current.get("dependencies"))
            for kind in _PARTS:
                needed += [one for name in wanted for one in tables(table(current.get(kind)).get(name))]
            for one in needed:
                if self._applies(one.get("marker")):
                    found = self._found(one)
                    waiting += [(found, tuple(texts(one.get("extra"))))] if found else []

    def _found(self, wanted: Table) -> Table | None:
        for package in self._packages:
            same = package.get("name") == wanted.get("name")
            if same and wanted.get("version", package.get("version")) == package.get("version"):
                markers = texts(package.get("resolution-markers"))
                if not markers or any(map(self._applies, markers)):
                    return package
        self._sketch.leave(f"The lock file needs `{wanted.get('name')}`, and has no package of that name for Linux.")
        return None

    def _applies(self, marker: object) -> bool:
        from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName

        try:
            return not isinstance(marker, str) or Marker(marker).evaluate(dict(self._markers))
        except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName) as cause:
            raise unusable(f"The lock file holds `{str(marker)[:80]}`, which is no condition on a machine.") from cause

    def _take(self, package: Table) -> None:
        source, name, version = table(package.get("source")), package.get("name"), package.get("version")
        if _is_own(package):
            return
        if git := source.get("git"):
            repository, _, commit = str(git).partition("#")
            self.lines.add(f"{name} @ git+{repository.partition('?')[0]}@{commit}")
        elif url := source.get("url"):
            self.lines.add(f"{name} @ {url}")
        elif isinstance(place := source.get("path") or source.get("directory"), str):
            inside = self._within(place)
            if inside in (None, ".") or "directory" in source:
                self._sketch.leave(f"`{python_name(str(name))}` comes from `{place}`, which nobody else has.")
            else:
                self.lines.add(f"./{inside}")
        else:
            self.lines.add(f"{name}=={version}")
            index = str(source.get("registry", ""))
            if index and "://" not in index:
                self.folders.add(index)
            elif index and not index.startswith("https://pypi.org/"):
                self.indexes.add(f"--extra-index-url {index}")
