"""What is installed or locked with conda, package by package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from reconciler.language.definition.names import python_name
from reconciler.language.sketches.projects import table, tables, texts
from reconciler.language.sketches.sketch import Section, Sketch, unusable
from reconciler.language.yaml_documents import load
from reconciler.language.yaml_nodes import plain
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern

_FILE = lazy_pattern(
    r"(?P<channel>.+)/(?P<subdir>[^/]+)/(?P<name>.+)-(?P<version>[^-]+)-(?P<build>[^-]+)\.(conda|tar\.bz2)"
)
_WHEEL = lazy_pattern(r"(?:.*/)?(?P<name>[^/-]+)-(?P<version>[^/-]+)(?:-[^/]+\.whl|\.tar\.gz)")
_ON_ANACONDA = "https://conda.anaconda.org/"
_DEFAULTS = "https://repo.anaconda.com/pkgs/"
_ON_PYPI = "https://files.pythonhosted.org/"
_PLATFORM = "linux-64"


@dataclass(frozen=True, slots=True)
class Installed:
    """One package of conda, with the channel that it came from."""

    name: str
    version: str
    build: str
    channel: str


def channel_of(address: str) -> str:
    """A channel as people write it."""
    address = address.rstrip("/")
    if address.startswith(_DEFAULTS):
        return "defaults"
    return address.removeprefix(_ON_ANACONDA)


def sketch_installed(packages: Iterable[Installed], pip: Sequence[str], sketch: Sketch, *, builds: bool) -> None:
    """Packages as they are installed; channels in the order of how much they gave."""
    listed = sorted(packages, key=lambda one: one.name)
    given = [one.channel for one in listed if one.channel]
    channels = sorted(set(given), key=lambda one: (-given.count(one), one))
    dependencies = [f"{one.name}={one.version}" + (f"={one.build}" if builds and one.build else "") for one in listed]
    lists = {"channels": channels, "dependencies": dependencies, "pip": list(pip)}
    sketch.fields["conda"] = Section({name: texts for name, texts in lists.items() if texts})


def sketch_pixi_lock(text: str, path: str, sketch: Sketch, environment: str = "default") -> None:
    """The packages that pixi has locked for Linux in one of its environments."""
    tree = plain(load(text, path))
    document: Mapping[str, object] = tree if isinstance(tree, dict) else {}
    if not table(document.get("environments")):
        raise unusable(f"`{path}` is no lock file of pixi: it has no `environments`.")
    found = table(document.get("environments")).get(environment)
    if not isinstance(found, dict):
        known = ", ".join(table(document.get("environments"))) or "none"
        raise unusable(f"`{path}` has no environment `{environment}`. It has: {known}.")
    by_platform = table(found.get("packages"))
    if _PLATFORM not in by_platform:
        known = ", ".join(by_platform) or "none"
        raise unusable(
            f"`{path}` locks nothing for {_PLATFORM}. It locks: {known}.", f"pixi project platform add {_PLATFORM}"
        )
    details = {str(one.get("pypi")): one for one in tables(document.get("packages")) if "pypi" in one}
    conda, pip = [], []
    for one in tables(by_platform[_PLATFORM]):
        if isinstance(address := one.get("conda"), str):
            conda.append(_conda_package(address, path))
        elif isinstance(address := one.get("pypi"), str):
            pip += _pip_package(address, details.get(address, {}), sketch)
    sketch_installed(conda, sorted(pip), sketch, builds=True)
    stated = [channel_of(str(one.get("url", ""))) for one in tables(found.get("channels"))]
    section = sketch.fields["conda"]
    if stated and isinstance(section, Section):
        sketch.fields["conda"] = Section({**section.fields, "channels": stated})
    for name in sorted(table(document.get("environments")).keys() - {environment}):
        sketch.leave(f"`{path}` locks the environment `{name}`, too; this is `{environment}`.")
    sketch.python = next((".".join(one.version.split(".")[:2]) for one in conda if one.name == "python"), "")
    if texts(found.get("indexes")) not in ([], ["https://pypi.org/simple"]):
        sketch.leave(f"The package indexes in `{path}`: pip is asked for its packages where it is configured to look.")


def _conda_package(address: str, path: str) -> Installed:
    found = _FILE.fullmatch(address)
    if found is None:
        raise unusable(f"`{path}` names `{address[:120]}`, which is no file of a conda package.")
    return Installed(found["name"], found["version"], found["build"], channel_of(found["channel"]))


def _pip_package(address: str, details: Mapping[str, object], sketch: Sketch) -> list[str]:
    """A package of pip's; from another place than PyPI by its address, for nothing else leads there."""
    if "name" in details and "://" in address and not address.startswith(("git+", _ON_PYPI)):
        return [f"{details['name']} @ {address}"]
    if "name" in details and "version" in details and address.startswith(_ON_PYPI):
        return [f"{details['name']}=={details['version']}"]
    if found := _WHEEL.fullmatch(address):
        return [f"{python_name(found['name'])}=={found['version']}"]
    if address.startswith("git+"):
        repository, _, commit = address.partition("#")
        pinned = f"{repository.partition('?')[0]}@{commit}" if commit else repository
        return [f"{details['name']} @ {pinned}"] if "name" in details else [pinned]
    sketch.leave(f"`{address[:120]}` is installed from where it is being worked on, which nobody else has.")
    return []
