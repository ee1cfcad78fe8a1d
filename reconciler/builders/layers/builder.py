"""Images from wheels without an engine: every layer is made once, and read only by those who lack it."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from io import BytesIO

from reconciler.builders.layers.archive import Entry, write_layer
from reconciler.builders.layers.base_python import BaseReader, told_key
from reconciler.builders.layers.cache import Cache
from reconciler.builders.layers.collisions import overlaps
from reconciler.builders.layers.grouping import grouped
from reconciler.builders.layers.hearsay import Hearsay
from reconciler.builders.layers.index import Index
from reconciler.builders.layers.interpreter import FoundPython
from reconciler.builders.layers.making import MEDIA_TYPE, LayerMaker
from reconciler.builders.layers.own_interpreter import check_interpreter
from reconciler.builders.layers.package_layers import PackageLayers
from reconciler.builders.layers.packages import Fetch, Package, Packages
from reconciler.builders.layers.replaced import removals
from reconciler.builders.layers.skeleton import skeleton
from reconciler.builders.layers.tags import check_fit
from reconciler.builders.layers.target import PREFIX, RECIPE_VERSION, Target
from reconciler.builders.layers.told import told
from reconciler.builders.layers.warnings import warn, warn_of_pythons
from reconciler.builders.layers.working import Progress
from reconciler.model.definition import Artefact, Lock
from reconciler.model.diagnostic import BuildError
from reconciler.model.frozen import dataclass
from reconciler.model.work import Recipe
from reconciler.oci.assembly import append_layers
from reconciler.oci.config import Addition, read_config, variable_of
from reconciler.oci.image import Blob, Image
from reconciler.protocols import EventSink, LayerIndex

_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Ground:
    """What wheels lie on: an interpreter, the names of all shared libraries, and what is installed beside them."""

    python: FoundPython
    libraries: Collection[str]
    installed: Mapping[str, Collection[str]]


class LayersBuilder:
    """Puts a virtual environment at `/opt/env` on the base, a layer for each large wheel.

    `fetch` brings the file of an artefact, of the right digest; `others` is what is known beside the images that are
    published. Events name no address: whoever listens knows it. They may come from several threads, one at a time.
    """

    def __init__(self, cache: Cache, fetch: Fetch, others: LayerIndex | None = None) -> None:
        self._cache = cache
        self._hearsay = Hearsay(cache, fetch, others) if others else None
        self._fetch = self._hearsay.fetch if self._hearsay else fetch
        self._index = Index(cache.folder / "layers.sqlite")
        self._maker = LayerMaker(cache, self._index)
        self._bases = BaseReader(cache, self._hearsay)

    def python(self, base: Image, called: str, version: str, platform: str) -> FoundPython:
        """The Python X.Y in a base image, its first one where `version` is empty. Raises BuildError."""
        with told(self._cache, called):
            return self._bases.python(base, called, version, platform)

    def check_fit(self, base: Image, called: str, lock: Lock) -> None:
        """BuildError where a wheel of the lock does not run on the base's Python, as far as its file name says."""
        python = self.python(base, called, lock.python, lock.platform)
        for artefact in lock.artefacts:
            if artefact.kind == "wheel":
                check_fit(artefact, called, python)

    def check_interpreter(self, image: Image, called: str, path: str) -> None:
        """BuildError where an image that is used as it is has nothing at this path."""
        with told(self._cache, called):
            check_interpreter(self._cache, image, called, path)

    def build(self, recipe: Recipe, base: Image, emit: EventSink) -> Image:
        """The base with the lock's packages; nothing is fetched that was ever made into layers here."""
        if not recipe.lock.artefacts:
            return base
        called = recipe.definition.image
        with told(self._cache, called):
            append_layers(base, (), labels={}, variables={}, annotations={})  # before anything is fetched
            python = self._bases.python(base, called, recipe.lock.python, recipe.lock.platform)
            facts = self._bases.facts(base, called)
        image = self.above(recipe, base, Ground(python, facts.libraries, facts.installed), emit)
        if self._hearsay and not recipe.definition.needs_engine:
            self._hearsay.tell({}, [told_key(base.digest)])
        return image

    def publish(self) -> None:
        """Tell others of what was built, once it is where they look for it."""
        if self._hearsay:
            with suppress(OSError, sqlite3.Error):
                self._hearsay.publish()

    def above(self, recipe: Recipe, base: Image, ground: Ground, emit: EventSink) -> Image:
        """The base with the lock's wheels, over an interpreter of which everything is known. Raises BuildError."""
        called, python = recipe.definition.image, ground.python
        with told(self._cache, called):
            packages = _packages(recipe, python)
            wheels = self._wheels(packages, base, emit)
            contents = wheels.contents()
            shared = overlaps(contents)
            below = [*_removals(packages, ground.installed, python), *_skeleton(python)]
            image = _image(recipe, base, python, [*below, *wheels.layers(shared)])
            warn(emit, shared.collisions, contents, ground.libraries, called)
            warn_of_pythons(emit, contents, python.version)
            return image

    def _wheels(self, packages: Mapping[str, Package], base: Image, emit: EventSink) -> PackageLayers[Package]:
        self._cache.clean()
        sizes = {name: package.artefact.size for name, package in packages.items()}
        progress = Progress(emit, sum(sizes.values()))
        reader = Packages(self._index, self._fetch, progress)
        groups = grouped(sizes, len(base.layers))
        return PackageLayers(self._maker, reader, packages, groups, progress, self._hearsay)


def _packages(recipe: Recipe, python: FoundPython) -> dict[str, Package]:
    """The lock's wheels by name; each runs on the base's Python, as far as its file name says."""
    packages: dict[str, Package] = {}
    for artefact in recipe.lock.artefacts:
        if artefact.kind == "conda" and recipe.definition.conda:
            continue  # lies in the base already
        if artefact.kind != "wheel":
            raise _unbuildable(artefact, f"of the kind `{artefact.kind}`, and no wheel")
        if artefact.name in packages:
            raise _unbuildable(artefact, "there twice")
        check_fit(artefact, recipe.definition.image, python)
        packages[artefact.name] = Package(artefact, Target(python.version))
    return packages


def _skeleton(python: FoundPython) -> list[Addition]:
    """None where the interpreter itself lives in our folder: packages then go beside those that it came with."""
    if _is_ours(python):
        return []
    entries = skeleton(Target(python.version), python.path)
    return [small_layer(entries, f"envform: virtual environment over {python.path}")]


def _is_ours(python: FoundPython) -> bool:
    return python.path.startswith(f"{Target(python.version).prefix}/")


def _removals(
    packages: Mapping[str, Package], installed: Mapping[str, Collection[str]], python: FoundPython
) -> list[Addition]:
    wanted = {name: package.artefact.version for name, package in packages.items()}
    entries = list(removals(installed, wanted, Target(python.version)))
    return [small_layer(entries, "envform: without packages of the base that are replaced")] if entries else []


def small_layer(entries: Iterable[Entry], history: str) -> Addition:
    """A layer that is held in memory."""
    content = BytesIO()
    written = write_layer(entries, content)
    return Addition(Blob.of(content.getvalue(), MEDIA_TYPE), written.diff_id, history)


def _image(recipe: Recipe, base: Image, python: FoundPython, layers: list[Addition]) -> Image:
    return image_of(recipe, base, layers, {} if _is_ours(python) else {"VIRTUAL_ENV": PREFIX})


def image_of(recipe: Recipe, base: Image, layers: list[Addition], variables: Mapping[str, str]) -> Image:
    """The base with layers of a lock, whose programs are found first, and with what is true of the image."""
    path = variable_of(read_config(base), "PATH")
    folders = [it for it in (path or _DEFAULT_PATH).split(":") if it != f"{PREFIX}/bin"]
    origin = {
        "org.opencontainers.image.base.name": recipe.definition.image,
        "org.opencontainers.image.base.digest": recipe.lock.base or "",
    }
    return append_layers(
        base,
        layers,
        labels={"dev.envform.lock": recipe.lock.digest, "dev.envform.recipe": RECIPE_VERSION, **origin},
        variables={**variables, "PATH": ":".join([f"{PREFIX}/bin", *folders])},
        annotations=origin,
    )


def _unbuildable(artefact: Artefact, why: str) -> BuildError:
    return BuildError(
        "Lock cannot be built from wheels",
        f"`{artefact.name} {artefact.version}` is in the lock, and is {why}. Plan again to have another lock.",
    )
