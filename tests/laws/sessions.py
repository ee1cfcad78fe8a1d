"""Sessions whose registry, state, resolver and builder are in memory; the configuration is read from real files."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from reconciler.backends.memory import MemoryBackend
from reconciler.builders.attempt import Attempt
from reconciler.builders.memory import MemoryBuilder
from reconciler.model.definition import Artefact
from reconciler.model.digest import Digest
from reconciler.model.event import Event
from reconciler.model.plan import Plan
from reconciler.model.request import AS_DECLARED, Request
from reconciler.model.state import State
from reconciler.model.work import Recipe
from reconciler.oci.image import Image
from reconciler.protocols import Registry, StateBackend
from reconciler.registries.memory import MemoryRegistry
from reconciler.resolvers.memory import MemoryResolver
from reconciler.session import Session
from tests.conformance.images import image_of

SETTINGS = 'envform {\n  registry = "oci:./registry"\n}\n'
NOW = "2026-01-02T03:04:05Z"


def artefact(name: str, version: str) -> Artefact:
    """A wheel that nobody has."""
    text = f"{name}-{version}.whl"
    return Artefact(name, version, f"https://example.com/{text}", Digest.of(text.encode()), 7)


INDEX = {name: [artefact(name, version) for version in ("1.0", "2.0")] for name in ("alpha", "beta", "gamma")}


@dataclass
class Builds:
    """Builds as the builder in memory does, and remembers of what."""

    made: list[str] = field(default_factory=list)

    def build(self, recipe: Recipe, base: Image, attempt: Attempt) -> Image:
        self.made.append(recipe.definition.hash)
        return MemoryBuilder().build(recipe, base, attempt.emit)


@dataclass
class Parts:
    """What a session takes to resolve and to build."""

    builds: Builds
    resolver: MemoryResolver

    @property
    def builder(self) -> Builds:
        return self.builds

    def check_engine(self) -> None:
        """There is none, and nothing needs one."""

    def check_interpreter(self, *_: object) -> None:
        """Every path leads to a Python."""

    def publish_knowledge(self) -> None:
        """Nothing is made of wheels here."""

    def python_of(self, *_: object) -> str:
        return "3.11"

    def check_fit(self, *_: object) -> None:
        """Everything runs everywhere."""


@dataclass
class Workspace:
    """One folder and the world around it; `declare` replaces the configuration."""

    folder: Path
    lasting: tempfile.TemporaryDirectory[str]
    images: MemoryRegistry = field(
        default_factory=lambda: MemoryRegistry({"one": image_of("one"), "two": image_of("two")})
    )
    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    backend: MemoryBackend = field(default_factory=lambda: MemoryBackend(State("a-lineage", 1), now=lambda: NOW))
    parts: Parts = field(default_factory=lambda: Parts(Builds(), MemoryResolver(INDEX)))
    events: list[Event] = field(default_factory=list)

    @classmethod
    def new(cls) -> Workspace:
        """In a folder of its own, which lasts as long as the world."""
        lasting = tempfile.TemporaryDirectory(prefix="envform-laws-")
        return cls(Path(lasting.name), lasting)

    def declare(self, text: str) -> None:
        (self.folder / "main.hcl").write_text(SETTINGS + text)

    def session(self) -> Session:
        return MemorySession(self.folder, self.events.append, now=lambda: NOW, parallelism=3, world=self)

    def plan(self, request: Request = AS_DECLARED) -> Plan:
        return self.session().plan(request)

    def apply(self, request: Request = AS_DECLARED, plan: Plan | None = None) -> State:
        with self.session().locked("apply") as locked:
            return locked.apply(plan or locked.plan(request))

    @property
    def state(self) -> State:
        state = self.backend.read()
        assert state is not None
        return state

    def twin(self) -> Workspace:
        """Another world that is just like this one, over the same files."""
        registry = MemoryRegistry()
        registry.tags, registry.manifests = dict(self.registry.tags), dict(self.registry.manifests)
        registry.blobs = dict(self.registry.blobs)
        backend = MemoryBackend(self.state, now=lambda: NOW)
        return replace(
            self, registry=registry, backend=backend, parts=Parts(Builds(), MemoryResolver(INDEX)), events=[]
        )


@dataclass(frozen=True)
class MemorySession(Session):
    """A session that finds everything in one world."""

    world: Workspace = field(kw_only=True)

    @property
    def backend(self) -> StateBackend:
        return self.world.backend

    @property
    def parts(self) -> Parts:  # type: ignore[override]  # as much of them as a session takes
        return self.world.parts

    def open_registry(self, place: str) -> Registry:
        return self.world.registry if place.endswith("registry") else self.world.images


def without_serial(state: State) -> State:
    """What is recorded, however many steps it took."""
    return replace(state, serial=0)
