"""Images from wheels without an engine: every layer is made once, and read only by those who lack it."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO

from reconciler.builders.layers.archive import Entry, write_layer
from reconciler.builders.layers.base_python import BaseReader, unusable
from reconciler.builders.layers.cache import Cache
from reconciler.builders.layers.collisions import Overlaps, ordered, overlaps
from reconciler.builders.layers.contents import Contents
from reconciler.builders.layers.grouping import Groups, grouped
from reconciler.builders.layers.index import Index
from reconciler.builders.layers.interpreter import FoundPython
from reconciler.builders.layers.making import MEDIA_TYPE, LayerMaker, Wanted
from reconciler.builders.layers.packages import Fetch, Package, Packages
from reconciler.builders.layers.replaced import removals
from reconciler.builders.layers.skeleton import skeleton
from reconciler.builders.layers.tags import fits
from reconciler.builders.layers.target import RECIPE_VERSION, Target
from reconciler.builders.layers.warnings import warn
from reconciler.builders.layers.working import Progress, each
from reconciler.builders.layers.zip_directory import WheelError
from reconciler.model.diagnostic import BuildError
from reconciler.model.frozen import dataclass
from reconciler.model.work import Recipe
from reconciler.oci.assembly import append_layers
from reconciler.oci.config import Addition, read_config, variable_of
from reconciler.oci.image import Blob, Image
from reconciler.oci.strict_json import ContentError
from reconciler.protocols import EventSink

_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class _Work:
    """One recipe, with what was found of its base, and the wheels by name in the order of their installation."""

    recipe: Recipe
    base: Image
    python: FoundPython
    packages: Mapping[str, Package]
    wheels: Packages
    progress: Progress


class LayersBuilder:
    """Puts a virtual environment at `/opt/env` on the base, a layer for each large wheel.

    `fetch` brings the file of an artefact, of the right digest. Events name no address: whoever listens knows it.
    """

    def __init__(self, cache: Cache, fetch: Fetch) -> None:
        self._cache = cache
        self._fetch = fetch
        self._index = Index(cache.folder / "layers.sqlite")
        self._maker = LayerMaker(cache, self._index)
        self._bases = BaseReader(self._index)

    def python(self, base: Image, called: str, version: str, platform: str) -> FoundPython:
        """The Python X.Y in a base image, its first one where `version` is empty. Raises BuildError."""
        with self._told(called):
            return self._bases.python(base, called, version, platform)

    def build(self, recipe: Recipe, base: Image, emit: EventSink) -> Image:
        """The base with the lock's packages; nothing is fetched that was ever made into layers here."""
        if not recipe.lock.artefacts:
            return base
        called = recipe.definition.image
        with self._told(called):
            append_layers(base, (), labels={}, variables={}, annotations={})  # before anything is fetched
            found = self._bases.python(base, called, recipe.lock.python, recipe.lock.platform)
            work = self._work(recipe, base, found, emit)
            contents = self._contents(work)
            shared = overlaps(contents)
            facts = self._bases.facts(base, called)
            below = [*self._removals(work, facts.installed), self._skeleton(found)]
            layers = [*below, *self._layers(work, shared)]
            warn(emit, shared.collisions, contents, facts.libraries, called)
            return self._image(work, layers)

    def _work(self, recipe: Recipe, base: Image, python: FoundPython, emit: EventSink) -> _Work:
        target = Target(python.version)
        packages: dict[str, Package] = {}
        for artefact in recipe.lock.artefacts:
            if artefact.kind != "wheel" or artefact.name in packages:
                raise BuildError(
                    "Lock cannot be built from wheels",
                    f"`{artefact.name} {artefact.version}` is "
                    + (
                        "in the lock twice."
                        if artefact.name in packages
                        else f"of the kind `{artefact.kind}`, no wheel."
                    ),
                )
            if fits(artefact.url, python) is False:
                raise _unfit(artefact.url, recipe.definition.image, python)
            packages[artefact.name] = Package(artefact, target)
        progress = Progress(emit, sum(package.artefact.size for package in packages.values()))
        return _Work(recipe, base, python, packages, Packages(self._index, self._fetch, progress.seen), progress)

    def _contents(self, work: _Work) -> dict[str, Contents]:
        """What all wheels hold; a wheel that is new here is made into its layer by the way."""
        groups = self._groups(work)
        known = work.wheels.contents(work.packages.values())
        layers = self._maker.known(work.wheels.solo(work.packages[name]).key for name in groups.solos)

        def settle(name: str) -> Contents:
            package = work.packages[name]
            if name in groups.solos and work.wheels.solo(package).key not in layers:
                self._maker.layer(work.wheels.solo(package))
                made = work.wheels.contents([package]).get(package.key)
                return made or work.wheels.learn(package)
            return known.get(package.key) or work.wheels.learn(package)

        lacking = [
            name
            for name, package in work.packages.items()
            if package.key not in known or (name in groups.solos and work.wheels.solo(package).key not in layers)
        ]
        found = dict(zip(lacking, each(settle, lacking, work.progress), strict=True))
        return {name: found.get(name) or known[package.key] for name, package in work.packages.items()}

    def _layers(self, work: _Work, shared: Overlaps) -> list[Addition]:
        groups = self._groups(work)
        solos = [work.wheels.solo(work.packages[name]) for name in ordered(groups.solos, shared.collisions)]
        several = [work.wheels.shared([work.packages[name] for name in names], shared.ceded) for names in groups.shared]
        known = self._maker.known(wanted.key for wanted in (*solos, *several))
        members = [
            work.packages[name]
            for names, wanted in zip(groups.shared, several, strict=True)
            if wanted.key not in known
            for name in names
        ]
        each(work.wheels.bring, members, work.progress)

        def layer(wanted: Wanted) -> Addition:
            found = known.get(wanted.key)
            return self._maker.of_known(wanted, found) if found else self._maker.layer(wanted)

        return each(layer, (*solos, *several), work.progress)

    def _groups(self, work: _Work) -> Groups:
        sizes = {name: package.artefact.size for name, package in work.packages.items()}
        return grouped(sizes, len(work.base.layers))

    def _skeleton(self, python: FoundPython) -> Addition:
        entries = skeleton(Target(python.version), python.path)
        return _small_layer(entries, f"envform: virtual environment over {python.path}")

    def _removals(self, work: _Work, installed: Mapping[str, Collection[str]]) -> list[Addition]:
        wanted = {name: package.artefact.version for name, package in work.packages.items()}
        entries = list(removals(installed, wanted, Target(work.python.version)))
        return [_small_layer(entries, "envform: without packages of the base that are replaced")] if entries else []

    def _image(self, work: _Work, layers: list[Addition]) -> Image:
        prefix, path = Target(work.python.version).prefix, variable_of(read_config(work.base), "PATH")
        folders = [it for it in (path or _DEFAULT_PATH).split(":") if it != f"{prefix}/bin"]
        definition, lock = work.recipe.definition, work.recipe.lock
        origin = {
            "org.opencontainers.image.base.name": definition.image,
            "org.opencontainers.image.base.digest": lock.base or "",
        }
        return append_layers(
            work.base,
            layers,
            labels={"dev.envform.lock": lock.digest, "dev.envform.recipe": RECIPE_VERSION, **origin},
            variables={"PATH": ":".join([f"{prefix}/bin", *folders]), "VIRTUAL_ENV": prefix},
            annotations=origin,
        )

    @contextmanager
    def _told(self, called: str) -> Iterator[None]:
        """Only BuildError leaves."""
        try:
            yield
        except ContentError as cause:
            raise unusable(called, cause) from cause
        except WheelError as cause:
            raise BuildError(
                "Packages cannot be installed together", f"{cause} pip could not install them either."
            ) from cause
        except (OSError, sqlite3.Error) as cause:
            raise BuildError(
                "Cache cannot be used",
                f"Layers are kept in `{self._cache.folder}`, which cannot be used: {cause}. Free some space there, or "
                "set `XDG_CACHE_HOME` to a folder that you may write.",
            ) from cause


def _small_layer(entries: Iterable[Entry], history: str) -> Addition:
    content = BytesIO()
    written = write_layer(entries, content)
    return Addition(Blob.of(content.getvalue(), MEDIA_TYPE), written.diff_id, history)


def _unfit(url: str, called: str, python: FoundPython) -> BuildError:
    return BuildError(
        "Wheel does not fit the base image",
        f"`{url.rpartition('/')[2]}` does not run in the base image `{called}`, which has Python {python.version} for "
        f"{python.machine} over {python.libc} {python.libc_version}. Choose a newer base image, or versions of the "
        "package that have a wheel for this one.",
    )
