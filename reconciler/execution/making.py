"""Images for definitions: taken from their source, or built on their base; each once, however many want it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, replace
from threading import Lock as Mutex

from reconciler.execution.once import Once
from reconciler.execution.survey import OpenRegistry
from reconciler.model.definition import Definition, Lock
from reconciler.model.diagnostic import RegistryError
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern
from reconciler.model.work import Recipe
from reconciler.oci import media_types
from reconciler.oci.assembly import assemble
from reconciler.oci.image import Blob, Image
from reconciler.oci.reference import Reference
from reconciler.protocols import Builder, EventSink

SCRATCH = assemble(Blob.of(b"{}", media_types.OCI_CONFIG), ())  # a Dockerfile says itself what it stands on
_NAME = lazy_pattern(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Made:
    """An image, and the lock that it was made from, its base known; it is in no registry yet unless it was `found`."""

    image: Image
    lock: Lock
    found: bool = False


@dataclass(slots=True)
class Maker:
    """Makes images; equal definitions with equal locks are made once in one run, and who comes later waits."""

    open_registry: OpenRegistry
    builder: Callable[[], Builder]
    _made: Once[tuple[str, str], Made] = field(default_factory=Once)
    _mutex: Mutex = field(default_factory=Mutex)

    def make(self, definition: Definition, lock: Lock, emit: EventSink) -> Made:
        """The image; RegistryError where the base is gone, BuildError where it cannot be built."""
        return self._made.do((definition.hash, lock.digest), lambda: self._make(definition, lock, emit))

    def has_made(self, definition: Definition, lock: Lock) -> bool:
        """Whether the image was made in this run, for whomever."""
        return self._made.is_begun((definition.hash, lock.digest))

    def _make(self, definition: Definition, lock: Lock, emit: EventSink) -> Made:
        base = self._base(definition, lock)
        if base is not SCRATCH:
            lock = replace(lock, base=lock.base or base.digest)
        if not is_built(definition):
            return Made(base, lock)
        recipe = Recipe(definition, lock, tuple(sorted(_requested(definition))))
        with self._mutex:
            builder = self.builder()
        return Made(builder.build(recipe, base, emit), lock)

    def _base(self, definition: Definition, lock: Lock) -> Image:
        if not definition.image:
            return SCRATCH
        reference = Reference.parse(definition.image)
        digest = definition.base or lock.base
        name = replace(reference.name, digest=digest) if digest else reference.name
        image = self.open_registry(reference.registry).pull(name, definition.platform)
        if image is None:
            raise RegistryError(
                "Base image is gone",
                f"`{definition.image}` had the digest {digest} when it was planned, and `{reference.registry}` no "
                "longer holds it. Plan again to use what the tag means now.",
            )
        return image


def is_built(definition: Definition) -> bool:
    """Whether there is more in it than a ready image."""
    packages = definition.is_resolved or definition.spark is not None
    return packages or definition.needs_engine or definition.runtime == "local"


def _requested(definition: Definition) -> set[str]:
    names = (_NAME.match(text) for text in definition.packages)
    return {name.group() for name in names if name}
