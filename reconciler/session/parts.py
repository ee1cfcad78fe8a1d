"""What resolves and builds, made when first used: most plans need neither."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.model.frozen import dataclass

if TYPE_CHECKING:
    from reconciler.builders.layers.builder import LayersBuilder
    from reconciler.model.definition import Definition
    from reconciler.oci.image import Image
    from reconciler.protocols import EventSink
    from reconciler.resolvers.pypi import PypiResolver


def cache_folder() -> Path:
    """Where the user's own cache is, as the XDG specification says."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if Path(home).is_absolute() else Path.home() / ".cache") / "envform"


@dataclass(frozen=True)
class Parts:
    """The resolver and the builder of one project."""

    root: Path
    emit: EventSink

    @cached_property
    def resolver(self) -> PypiResolver:
        """What makes requirements exact."""
        from reconciler.resolvers.pypi import PypiResolver

        return PypiResolver(self.root, self.emit)

    @cached_property
    def builder(self) -> LayersBuilder:
        """What makes images."""
        from reconciler.builders.artefact_connections import Connections
        from reconciler.builders.artefact_download import Http
        from reconciler.builders.artefact_files import ArtefactFiles
        from reconciler.builders.layers.builder import LayersBuilder
        from reconciler.builders.layers.cache import Cache

        cache = Cache(cache_folder())
        return LayersBuilder(cache, ArtefactFiles(cache, self.root, Http(Connections())).fetch)

    def python_of(self, base: Image, definition: Definition) -> str:
        """X.Y of the interpreter in a base image that the definition's packages are to run on."""
        return self.builder.python(base, definition.image, definition.python, definition.platform).version
