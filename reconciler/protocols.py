"""Every way that envform touches the world, on one page.

Adapters inherit nothing; what they need comes through their constructor. Each protocol names the one
error that may leave its adapters.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from reconciler.model.definition import Definition, Lock
from reconciler.model.digest import Digest
from reconciler.model.event import Event
from reconciler.model.state import Entry, Holder, State
from reconciler.model.work import Job, Outcome, Recipe
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Blob, Image
from reconciler.oci.reference import Name
from reconciler.oci.volume import Volume

EventSink = Callable[[Event], None]


class StateBackend(Protocol):
    """Where state is kept. Raises StateError."""

    def read(self) -> State | None:
        """What was recorded, finished changes of a crashed apply included; None: nothing ever was."""

    def write(self, state: State) -> None:
        """Keep a state that succeeds the one that is kept, and empty the journal."""

    def append(self, *entries: Entry) -> None:
        """Keep finished changes, all of them or none; they are durable when this returns."""

    def overwrite(self, state: State) -> None:
        """Keep a state in the place of whatever is kept, of any lineage: somebody was asked and wants it so."""

    def remove(self) -> None:
        """Keep nothing any more."""

    def lock(self, operation: str) -> AbstractContextManager[Holder]:
        """Be the only writer; the error names who else is."""

    def unlock(self, lock_id: str) -> Holder:
        """Free the lock with this id where its holder is gone; the error names who it is where that cannot be."""


class Registry(Protocol):
    """Where images are kept. None and absence mean "looked, not there"; "cannot tell" raises RegistryError."""

    @property
    def at_hand(self) -> bool:
        """Whether looking costs next to nothing, so that nobody need be sparing with it."""

    def describe(self, name: Name) -> Descriptor | None:
        """What a tag or digest points at, without its content."""

    def describe_many(self, names: Iterable[Name]) -> Mapping[Name, Descriptor | None]:
        """The same for many at once."""

    def list(self, repository: str) -> Mapping[str, Digest | None]:
        """The tags of a repository, with their digests where the listing tells them; unknown repository: none."""

    def catalog(self) -> Sequence[str]:
        """The repositories that have tags, sorted; RegistryError where the registry does not tell."""

    def pull(self, name: Name, platform: str) -> Image | None:
        """The image for a platform, its content verified as it is read."""

    def missing(self, name: Name) -> Sequence[Digest]:
        """Content that the image names and the registry does not have; of what is not there at all: none."""

    def missing_many(self, names: Iterable[Name]) -> Mapping[Name, Sequence[Digest]]:
        """The same for many, each piece of content looked for once."""

    def holds(self, repository: str, contents: Collection[Descriptor]) -> Collection[Digest]:
        """Which of these blobs a repository has, as long as they should be."""

    def bring(self, repository: str, content: Blob) -> None:
        """Have content where images of a repository will need it, if doing that before there is one is worth it."""

    def push(self, image: Image, names: Sequence[Name]) -> Descriptor:
        """Keep an image under all these names, sending only what is not there; names are set last."""

    def push_all(self, pushed: Sequence[tuple[Image, Sequence[Name]]], instead: Sequence[Name] = ()) -> None:
        """Keep several in this order, together where that costs less; then forget what they are kept instead of.

        A registry that does not let go of that keeps it: no error.
        """

    def delete(self, name: Name) -> None:
        """Forget a tag, or a digest with all its tags; what is not there is no error."""

    def referrers(self, subject: Name) -> Sequence[Descriptor]:
        """What was attached to an image."""


class LayerIndex(Protocol):
    """What is known of packages and their layers, kept beside images. Not to know costs time only: nothing raises."""

    def find(self, keys: Collection[str]) -> Sequence[Volume]:
        """The volumes in which something stands under these keys."""

    def held(self, layers: Collection[Descriptor]) -> Collection[Digest]:
        """Which of these layers are beside the images."""

    def lacking(self, keys: Collection[str]) -> Collection[str]:
        """The keys under which nothing is kept; none of them where nobody can tell."""

    def keep(self, volume: Volume) -> bool:
        """Keep what is known under all its keys, in the place of what was there; whether that went well."""


class Resolver(Protocol):
    """Makes requirements exact. Raises ResolutionError."""

    def resolve(self, definition: Definition, python: str, prefer: Lock | None) -> Lock:
        """A lock for a Python X.Y that satisfies the definition, with the versions of `prefer` where they still fit.

        conda brings a Python of its own: for it `python` is what the base offers, as in `__glibc=2.36 __cuda=12.4`.
        """


class Builder(Protocol):
    """Makes images. Raises BuildError."""

    def build(self, recipe: Recipe, base: Image, emit: EventSink) -> Image:
        """The image for a recipe on its base; nothing is published."""


class Runner(Protocol):
    """Runs jobs. Raises RunError."""

    def run(self, job: Job, image: Image, emit: EventSink) -> Outcome:
        """Run to the end, output going to this process's own."""
