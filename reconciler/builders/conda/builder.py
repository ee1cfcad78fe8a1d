"""Images from conda's packages without an engine; what pip brings lies above them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from reconciler.builders.conda.package import CondaPackage
from reconciler.builders.conda.packages import CondaPackages
from reconciler.builders.conda.record import history
from reconciler.builders.conda.scripts import listed, run_scripts
from reconciler.builders.conda.traits import Traits, numbers
from reconciler.builders.conda.unpacking import Unpacking
from reconciler.builders.layers.base_python import BaseReader, check_links
from reconciler.builders.layers.builder import Ground, LayersBuilder, image_of, small_layer
from reconciler.builders.layers.cache import Cache
from reconciler.builders.layers.collisions import overlaps
from reconciler.builders.layers.contents import Contents
from reconciler.builders.layers.grouping import grouped
from reconciler.builders.layers.index import Index
from reconciler.builders.layers.interpreter import BaseFacts, FoundPython
from reconciler.builders.layers.making import LayerMaker
from reconciler.builders.layers.package_layers import PackageLayers
from reconciler.builders.layers.packages import Fetch
from reconciler.builders.layers.target import PREFIX
from reconciler.builders.layers.told import told
from reconciler.builders.layers.warnings import warn
from reconciler.builders.layers.working import Progress
from reconciler.model.diagnostic import BuildError, Diagnostic
from reconciler.model.event import Told
from reconciler.model.work import Recipe
from reconciler.oci.assembly import append_layers
from reconciler.oci.config import read_config, variable_of
from reconciler.oci.image import Image
from reconciler.protocols import Builder, EventSink


class CondaBuilder:
    """Puts a conda environment at `/opt/env` on the base, a layer for each large package.

    `fetch` brings the file of an artefact, of the right digest; `pip` is who puts wheels above, and `engine` runs
    scripts of packages, where any has one.
    """

    def __init__(self, cache: Cache, fetch: Fetch, pip: LayersBuilder, engine: Callable[[], Builder]) -> None:
        self._cache = cache
        self._engine = engine
        self._fetch = fetch
        self._pip = pip
        self._index = Index(cache.folder / "layers.sqlite")
        self._maker = LayerMaker(cache, self._index)
        self._bases = BaseReader(cache)
        self._unpacking = Unpacking(cache.folder / "unpacked")

    def offers(self, base: Image, called: str) -> str:
        """What a base image has for conda's packages, as `__glibc=2.36 __cuda=12.4`. Raises BuildError."""
        with told(self._cache, called):
            facts = self._facts(base, called)
            cuda = ".".join(variable_of(read_config(base), "CUDA_VERSION").split(".")[:2])
        return f"__glibc={facts.glibc}" + (f" __cuda={cuda}" if cuda.replace(".", "").isdecimal() else "")

    def build(self, recipe: Recipe, base: Image, emit: EventSink) -> Image:
        """The base with the lock's packages; nothing is fetched that was ever made into layers here."""
        packages = {
            it.name: CondaPackage.of(it, recipe.lock.python) for it in recipe.lock.artefacts if it.kind == "conda"
        }
        if not packages:
            return base
        called = recipe.definition.image
        with told(self._cache, called):
            append_layers(base, (), labels={}, variables={}, annotations={})  # before anything is fetched
            facts = self._facts(base, called)
            reader, layers = self._layers(packages, base, emit)
            contents = layers.contents()
            shared = overlaps(contents)
            traits = reader.traits(packages.values())
            _check_glibc(called, facts, traits)
            record = small_layer([history(packages.values())], "envform: history of the conda environment")
            variables = {**traits.variables, "CONDA_PREFIX": PREFIX}
            image = image_of(recipe, base, [*layers.layers(shared), record], variables)
            warn(emit, shared.collisions, contents, facts.libraries, called)
            if traits.activates:
                emit(Told(_not_activated(traits.activates)))
        if traits.scripts:
            image = run_scripts(recipe, image, traits.scripts, self._engine(), emit)
        if len(packages) == len(recipe.lock.artefacts):
            return image
        return self._pip.above(recipe, image, _ground(recipe, facts, contents, traits), emit)

    def _facts(self, base: Image, called: str) -> BaseFacts:
        facts = self._bases.facts(base, called)
        check_links(called, facts)
        if not facts.glibc:
            raise BuildError(
                "Base image has no C library for conda",
                f"conda's packages bring everything but the C library, and `{called}` has no glibc that could be "
                "found. Choose a base image of a distribution with glibc, such as Debian or Ubuntu.",
            )
        return facts

    def _layers(
        self, packages: Mapping[str, CondaPackage], base: Image, emit: EventSink
    ) -> tuple[CondaPackages, PackageLayers[CondaPackage]]:
        self._cache.clean()
        self._unpacking.clean()
        sizes = {name: package.artefact.size for name, package in packages.items()}
        progress = Progress(emit, sum(sizes.values()))
        reader = CondaPackages(self._index, self._fetch, progress.seen, self._unpacking)
        return reader, PackageLayers(self._maker, reader, packages, grouped(sizes, len(base.layers)), progress)


def _check_glibc(called: str, facts: BaseFacts, traits: Traits) -> None:
    """The packages may have been chosen for another base, of which this one is the patched one."""
    if numbers(facts.glibc) < numbers(traits.glibc):
        raise BuildError(
            "Base image is too old for its packages",
            f"A package needs glibc {traits.glibc}, and the base image `{called}` has {facts.glibc}. Choose a newer "
            "base image, or plan with `-upgrade` to have packages that are chosen for this one.",
        )


def _ground(recipe: Recipe, facts: BaseFacts, contents: Mapping[str, Contents], traits: Traits) -> Ground:
    version = recipe.lock.python
    machine = recipe.lock.platform.split("/")[1]
    library = f"{PREFIX}/lib/python{version}"
    python = FoundPython(f"{PREFIX}/bin/python{version}", version, library, machine, "glibc", facts.glibc)
    libraries = {name for content in contents.values() for name in content.brings}
    return Ground(python, facts.libraries | libraries, traits.installed)


def _not_activated(names: Sequence[str]) -> Diagnostic:
    return Diagnostic.warning(
        "Packages have scripts for shells",
        f"Of conda's packages {listed(sorted(names))} have scripts in `etc/conda/activate.d`, which `conda activate` "
        "would run in a shell. In an image nobody activates anything: what they set is not set. Where a program needs "
        "it, say it in `environment_variables`, or start it by a shell that reads the scripts first.",
    )
