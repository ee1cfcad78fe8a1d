"""A builder with a cache of its own, and recipes for wheels on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.builders.artefact_connections import Connections
from reconciler.builders.artefact_download import Http
from reconciler.builders.artefact_files import ArtefactFiles
from reconciler.builders.layers.builder import LayersBuilder
from reconciler.builders.layers.cache import Cache
from reconciler.model.definition import Artefact, Definition, Lock
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.event import Event, Told
from reconciler.model.work import Recipe
from reconciler.oci.image import Image
from reconciler.resolvers.pypi import PypiResolver
from tests.builders.making_wheels import artefact

CALLED = "oci:./bases:python"


@dataclass
class Workshop:
    """Builds what it is told in a folder; remembers which artefacts were fetched, and what was told."""

    folder: Path
    root: Path = Path("/")
    fetched: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cache = Cache(self.folder)
        self.files = ArtefactFiles(
            self.cache, self.root, Http(Connections(PypiResolver(self.root, print, self.root).authorization))
        )
        self.builder = LayersBuilder(self.cache, self._fetch)

    def build(self, base: Image, wheels: Sequence[Path | Artefact], python: str = "3.11") -> Image:
        self.events.clear()
        return self.builder.build(recipe(base, wheels, python), base, self.events.append)

    @property
    def warnings(self) -> list[Diagnostic]:
        return [event.diagnostic for event in self.events if isinstance(event, Told)]

    def _fetch(self, wanted: Artefact, seen: object) -> Path:
        self.fetched.append(wanted.name)
        return self.files.fetch(wanted, seen)  # type: ignore[arg-type]  # handed through


def recipe(base: Image, wheels: Sequence[Path | Artefact], python: str = "3.11") -> Recipe:
    artefacts = tuple(artefact(it) if isinstance(it, Path) else it for it in wheels)
    definition = Definition(CALLED, base.digest, "linux/amd64")
    return Recipe(definition, Lock(base.digest, "linux/amd64", artefacts, python))
