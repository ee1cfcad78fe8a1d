"""What resolves and builds, made when first used: most plans need neither."""

from __future__ import annotations

import os
import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.model.diagnostic import BuildError, EnvformError
from reconciler.model.event import ChangeProgressed
from reconciler.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.builders.artefact_files import ArtefactFiles
    from reconciler.builders.conda.builder import CondaBuilder
    from reconciler.builders.debian.builder import DebianBuilder
    from reconciler.builders.docker.builder import DockerBuilder
    from reconciler.builders.docker.engine import Engine
    from reconciler.builders.layers.builder import LayersBuilder
    from reconciler.builders.layers.cache import Cache
    from reconciler.builders.venv import VenvBuilder
    from reconciler.execution.survey import OpenRegistry
    from reconciler.model.address import Address
    from reconciler.model.definition import Definition, Lock
    from reconciler.oci.image import Image
    from reconciler.protocols import Builder, EventSink, LayerIndex, Resolver
    from reconciler.resolvers.debian import DebianResolver
    from reconciler.resolvers.pypi import PypiResolver
    from reconciler.runners.docker import DockerRunner


def cache_folder() -> Path:
    """Where the user's own cache is, as the XDG specification says."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if Path(home).is_absolute() else Path.home() / ".cache") / "envform"


@dataclass(frozen=True)
class Parts:
    """The resolver and the builders of one project."""

    root: Path
    emit: EventSink
    open_registry: OpenRegistry
    layer_index: Callable[[], LayerIndex | None] | None = None

    @cached_property
    def resolver(self) -> Resolver:
        """What makes requirements exact."""
        from reconciler.resolvers.composite import CompositeResolver

        return CompositeResolver(lambda: self._channels, lambda: self._pypi, lambda: self._debian)

    @cached_property
    def _pypi(self) -> PypiResolver:
        from reconciler.resolvers.pypi import PypiResolver

        return PypiResolver(self.root, self.emit, cache_folder() / "built")

    @cached_property
    def _channels(self) -> Resolver:
        from reconciler.resolvers.conda import CondaResolver

        return CondaResolver(self.root, cache_folder() / "channels", self._pypi)

    @cached_property
    def _debian(self) -> DebianResolver:
        from reconciler.resolvers.debian import DebianResolver

        return DebianResolver(cache_folder() / "debian")

    @cached_property
    def debian(self) -> DebianBuilder:
        """What makes base images of Debian packages."""
        from reconciler.builders.debian.builder import DebianBuilder

        return DebianBuilder(self._cache, self._debian.fetch)

    @cached_property
    def layers(self) -> LayersBuilder:
        """What makes images of packages."""
        from reconciler.builders.layers.builder import LayersBuilder

        return LayersBuilder(self._cache, self._files.fetch, self.layer_index() if self.layer_index else None)

    def publish_knowledge(self) -> None:
        """Tell others of the layers that were built and published; RegistryError never leaves here."""
        if "layers" in self.__dict__:
            self.layers.publish()

    @cached_property
    def venv(self) -> VenvBuilder:
        """What makes virtual environments on this machine."""
        from reconciler.builders.venv import VenvBuilder
        from reconciler.session.machine import this_machine

        return VenvBuilder(self.root / ".envform" / "envs", self._files.fetch, this_machine())

    @cached_property
    def conda(self) -> CondaBuilder:
        """What makes images of conda's packages, and looks what their bases have for them."""
        from reconciler.builders.conda.builder import CondaBuilder

        return CondaBuilder(self._cache, self._files.fetch, self.layers, lambda: self._docker)

    @cached_property
    def _files(self) -> ArtefactFiles:
        from reconciler.builders.artefact_connections import Connections
        from reconciler.builders.artefact_download import Http
        from reconciler.builders.artefact_files import ArtefactFiles

        return ArtefactFiles(self._cache, self.root, Http(Connections(self._pypi.authorization)))

    @cached_property
    def _cache(self) -> Cache:
        from reconciler.builders.layers.cache import Cache

        return Cache(cache_folder())

    @cached_property
    def builder(self) -> Builder:
        """What makes images of all kinds."""
        from reconciler.builders.composite import CompositeBuilder

        return CompositeBuilder(self._docker, self.layers, self.conda, self.debian, self.venv)

    @cached_property
    def _docker(self) -> DockerBuilder:
        from reconciler.builders.docker.builder import DockerBuilder
        from reconciler.builders.docker.engine import Engine
        from reconciler.session.blueprints import Blueprints

        blueprints = Blueprints(self.root, self.open_registry)
        return DockerBuilder(Engine(os.environ), self._cache, blueprints.of, blueprints.find)

    def check_engine(self) -> None:
        """BuildError where no Docker engine answers; asked once."""
        self._engine.check()

    @cached_property
    def _engine(self) -> Engine:
        from reconciler.builders.docker.engine import Engine

        return Engine(os.environ)

    def docker_runner(self, address: Address) -> DockerRunner:
        """What runs jobs in a Docker engine; RunError where nobody can say which engine is meant."""
        from reconciler.builders.docker.address import meant
        from reconciler.builders.docker.archive import archived
        from reconciler.runners.docker import Asked, DockerRunner

        try:
            engine = meant(os.environ)
        except BuildError as error:
            raise EnvformError(*error.diagnostics) from error
        sending = ChangeProgressed(address, "Sending the image to the Docker engine, once for its digest...")
        asked = Asked(engine.url, engine.because, engine.given)
        return DockerRunner(asked, cache_folder() / "runs", archived, lambda _: self.emit(sending))

    def check_fit(self, base: Image, definition: Definition, lock: Lock) -> None:
        """BuildError where wheels do not run on what the base image has; steps and conda may bring another Python."""
        if not definition.steps and not definition.conda:
            self.layers.check_fit(base, definition.image, lock)

    def check_interpreter(self, image: Image, called: str, path: str) -> None:
        """BuildError where an image has nothing at this path that could be run."""
        self.layers.check_interpreter(image, called, path)

    def python_of(self, base: Image | None, definition: Definition) -> str:
        """X.Y of the interpreter in a base image that the packages are to run on; for conda, what else it offers.

        Without a base it is this machine's.
        """
        if base is None:
            return definition.python or f"{sys.version_info.major}.{sys.version_info.minor}"
        if definition.conda:
            return self.conda.offers(base, definition.image)
        try:
            return self.layers.python(base, definition.image, definition.python, definition.platform).version
        except BuildError:
            if definition.steps and definition.python:
                return definition.python  # the steps may bring it, and what they made is looked at before packages are
            raise
