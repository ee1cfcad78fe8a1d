"""`pyproject.toml`, and what uv has locked for a project."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from reconciler.language.definition.names import python_name
from reconciler.language.definition.requirements import Entry, parse_entry
from reconciler.language.sketches.requirements_files import Requirements
from reconciler.language.sketches.sketch import Sketch, unusable
from reconciler.language.span import RefusedError

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

Table = Mapping[str, object]
# The best supported first: of several that a project allows, this decides.
PYTHONS = ("3.12", "3.13", "3.11", "3.14", "3.10", "3.9")


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


def sketch_pyproject(text: str, path: str, sketch: Sketch, requirements: Requirements, extras: Iterable[str]) -> None:
    """What a project needs to run; its extras and groups only where they are asked for."""
    document = loaded(text, path)
    project = table(document.get("project"))
    if not project:
        poetry = "poetry" in table(document.get("tool"))
        hint = "`poetry export` writes a requirements file; use `-from-requirements`" if poetry else ""
        raise unusable(f"`{path}` has no `[project]` table, which is where a project's dependencies stand.", hint)
    sketch.name = sketch.name or str(project.get("name", ""))
    sketch.python = python_for(str(project.get("requires-python", "")), path)
    wanted = [*texts(project.get("dependencies")), *_asked_for(document, project, path, sketch, set(extras))]
    if "dependencies" in texts(project.get("dynamic")):
        sketch.leave(f"`dependencies` in `{path}` are dynamic: only building the project would tell them.")
    for name in table(table(table(document.get("tool")).get("uv")).get("sources")):
        sketch.leave(f"`[tool.uv.sources]` in `{path}` takes `{name}` from elsewhere; here it comes from the index.")
    sketch.fields["pip"] = list(requirements.of_entries([_entry(one, path) for one in wanted], _folder(path)))
    if not sketch.fields["pip"]:
        raise unusable(f"The project in `{path}` names no dependencies, so there is nothing to install.")


def _asked_for(document: Table, project: Table, path: str, sketch: Sketch, extras: set[str]) -> Iterable[str]:
    optional, groups = table(project.get("optional-dependencies")), table(document.get("dependency-groups"))
    for name, listed in [*optional.items(), *groups.items()]:
        if name in extras:
            extras.discard(name)
            yield from texts(listed)
            if tables(listed):
                sketch.leave(f"Groups that the group `{name}` in `{path}` includes: name them with `-extra`, too.")
        else:
            sketch.leave(f"`{name}` in `{path}` is optional: {', '.join(texts(listed)[:5])}.", f"add -extra={name}")
    if extras:
        raise unusable(f"`{path}` has no extra and no group `{min(extras)}`.")


def _entry(text: str, path: str) -> Entry:
    try:
        return parse_entry(text)
    except RefusedError as error:
        raise unusable(f"`{path}`: {error.detail}", error.hint) from error


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def python_for(wanted: str, path: str) -> str:
    """The Python to use where a project asks for one with `requires-python`."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        allowed = SpecifierSet(wanted)
    except InvalidSpecifier as cause:
        raise unusable(f"`requires-python` in `{path}` is `{wanted[:60]}`, which asks for no versions.") from cause
    found = next((one for one in PYTHONS if _allows(allowed, one)), "")
    if not found:
        raise unusable(f"`{path}` asks for Python `{wanted[:60]}`, and of {', '.join(sorted(PYTHONS))} none is that.")
    return found


def _allows(allowed: SpecifierSet, python: str) -> bool:
    """A patch release counts: `>=3.12.3` is Python 3.12."""
    return any(f"{python}.{patch}" in allowed for patch in (0, 99))


def sketch_uv_lock(
    text: str, path: str, sketch: Sketch, within: Callable[[str], str | None], extras: Iterable[str]
) -> None:
    """The packages that uv has chosen for Linux, each in its version."""
    document = loaded(text, path)
    packages = tables(document.get("package"))
    roots = [one for one in packages if _is_own(one)]
    if not roots:
        raise unusable(f"`{path}` locks no project: no `[[package]]` in it is the project's own.")
    sketch.name = sketch.name or str(roots[0].get("name", ""))
    sketch.python = python_for(str(document.get("requires-python", "")), path)
    sketch.fields["python_version"] = sketch.python
    chosen = _Chosen(packages, sketch, within, _marker_values(sketch.python))
    for root in roots:
        chosen.walk(root, tuple(extras))
        for kind in ("optional-dependencies", "dev-dependencies"):
            for name in sorted(table(root.get(kind)).keys() - set(extras)):
                sketch.leave(f"`{name}` in `{path}` is optional for `{root.get('name')}`.", f"add -extra={name}")
    sketch.fields["pip"] = [*sorted(chosen.indexes), *sorted(chosen.lines)]


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
            for kind in ("optional-dependencies", "dev-dependencies"):
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
                self._sketch.leave(f"`{name}` comes from the folder `{index}`; here it comes from the index.")
            elif index and not index.startswith("https://pypi.org/"):
                self.indexes.add(f"--extra-index-url {index}")
