"""Makes the tags of one environment hold, whatever of them holds already."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from reconciler.execution.adoption import attach_lock
from reconciler.execution.making import Made, Maker, is_built
from reconciler.execution.once import Once
from reconciler.execution.records import Recorded, Records
from reconciler.model.definition import Lock
from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass
from reconciler.model.publication import CACHE, LATEST, expected_tags
from reconciler.model.sharing import holder, movable, unrecorded
from reconciler.model.state import Record, Registered, State
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Image
from reconciler.oci.reference import Name
from reconciler.protocols import EventSink, Registry


@dataclass(frozen=True, slots=True)
class Convergence:
    """What changes on record; the lock of its new version, and its image where that was made just now."""

    registry: Registry
    maker: Maker
    state: State
    emit: EventSink
    change: Recorded
    records: Records
    lock: Lock | None
    made: Made | None
    attached: Once[Digest, None]

    @property
    def registered(self) -> Registered:
        """What is registered from now on."""
        return self.change.after

    def converge(self, new: Collection[str], *, hollow: bool) -> None:
        """Set the tags that are missing or point elsewhere, attach what is recorded, then ask whether the tags hold.

        Versions that are new to the state must be free. Where images are hollow every tag is set again, for a push
        sends what is not there.
        """
        left = set(self._left_to_others())
        expected = {Name(*key): image for key, image in expected_tags(self.registered).items() if key not in left}
        found = self.registry.describe_many(expected)
        self._check_free(new, found)
        wrong = expected if hollow else self._differing(expected, found)
        told: set[str] = set()
        for digest in dict.fromkeys(wrong.values()):
            names = [name for name, wanted in wrong.items() if wanted == digest]
            versions = self._told_with(digest, names)
            self._publish(digest, names, versions)
            told.update(versions)
        self.records.replace(self.change, [version for version in self.change.versions if version not in told])
        unset = self._differing(wrong, self.registry.describe_many(wrong))
        if unset:
            listed = ", ".join(sorted(map(str, unset)))
            raise RegistryError(
                "Registry does not hold what was pushed",
                f"The registry accepted the image and does not answer with it under: {listed}. Somebody else may "
                "have set these names at the same time. Nothing was recorded; apply again.",
                temporary=True,
            )

    def _left_to_others(self) -> Iterator[tuple[str, str]]:
        """Tags that lead to another state's versions by right, and that this change does not give a new meaning."""
        name, before = self.registered.name, self.change.before
        tags = [tag for tag in movable(self.registered) if not _is_claimed(tag, before, self.registered)]
        found = self.registry.describe_many(Name(name, tag) for tag in tags)
        moved = {key.tag: one.digest for key, one in found.items() if one and one.digest != self._wanted(key.tag)}
        if not moved:
            return
        there = unrecorded(self.registered, dict.fromkeys(self.registry.list(name)))
        seen = self.registry.describe_many(Name(name, tag) for tag in there)
        others = {key.tag: one.digest for key, one in seen.items() if one}
        yield from ((name, tag) for tag, digest in moved.items() if holder(self.registered, tag, digest, others))

    def _wanted(self, tag: str) -> Digest | None:
        return expected_tags(self.registered).get((self.registered.name, tag))

    def _check_free(self, new: Collection[str], there: Mapping[Name, Descriptor | None]) -> None:
        """A version that is new to the state may be published already, but then only with this very image."""
        name = self.registered.name
        for record in self.registered.versions:
            found = there.get(Name(name, record.version)) if record.version in new else None
            if found and found.digest != record.image:
                raise RegistryError(
                    "Version is already published with another image",
                    f"`{name}:{record.version}` points at {found.digest.short} in the registry, and it would be "
                    f"{record.image.short}. Somebody else has published it, or the state that knew it is lost; "
                    "published versions never change. Plan again: envform then counts on from what is published. A "
                    "`version` that the configuration fixes must be another one.",
                )

    def _differing(
        self, expected: Mapping[Name, Digest], found: Mapping[Name, Descriptor | None]
    ) -> dict[Name, Digest]:
        """A tag of the cache may lead to any image that was made for its definition; what is there stays."""
        differing = {name: image for name, image in expected.items() if not _is(found.get(name), {image})}
        if not any(name.repository == CACHE and found.get(name) for name in differing):
            return differing
        alike = self._alike()
        return {
            name: image
            for name, image in differing.items()
            if name.repository != CACHE or not _is(found.get(name), alike)
        }

    def _alike(self) -> set[Digest]:
        """Images that others have recorded for definitions of this environment; its own new one goes before them."""
        if self.made:
            return set()
        own = {record.hash for record in self.registered.versions}
        others = self.state.environments.values()
        return {record.image for other in others for record in other.versions if record.hash in own}

    def _told_with(self, digest: Digest, names: Sequence[Name]) -> Sequence[str]:
        """The versions of an image whose records are attached anew: it may have been gone, and they with it."""
        wanted = {*self.change.versions, *(name.tag for name in names if name.repository == self.registered.name)}
        return [one.version for one in self.registered.versions if one.image == digest and one.version in wanted]

    def _publish(self, digest: Digest, names: Sequence[Name], versions: Sequence[str]) -> None:
        """An image under these names: the registry's own copy, or where that is gone or broken, made again."""
        if self.made and self.made.image.digest == digest:
            if is_built(self.registered.latest.definition):
                # before the names: whoever finds the image by one finds its lock, too
                image, lock = self.made.image, self.made.lock
                self.attached.do(image.digest, lambda: attach_lock(self.registry, image, lock))
            self.records.push(self.made.image, names, self.change, versions)
            return
        # the newest: what an older definition stands on may be gone
        record = next(one for one in reversed(self.registered.versions) if one.image == digest)
        try:
            for repository in dict.fromkeys([CACHE, *(name.repository for name in names)]):
                own = self.registry.pull(Name(repository, digest=digest), record.definition.platform)
                if own is not None:
                    self.records.push(own, names, self.change, versions)
                    return
        except RegistryError as broken:
            if broken.temporary:
                raise
        self.records.push(self._made_again(record), names, self.change, versions)

    def _made_again(self, record: Record) -> Image:
        lock = self.lock if self.lock and self.lock.digest == record.lock else self.state.locks[record.lock]
        image = self.maker.make(record.definition, lock, self.emit).image
        if image.digest != record.image:
            raise RegistryError(
                "Image is not the recorded one",
                f"`{record.definition.image or 'The Dockerfile'}` gives {image.digest}, and the record says "
                f"{record.image}. Nothing was published, for a registered version never changes its image. What a "
                "Docker engine has built it may not build a second time: `-replace` registers a new version.",
            )
        return image


def _is_claimed(tag: str, before: Registered | None, after: Registered) -> bool:
    """Whether a tag that may move leads to another version than before, as far as this state knows."""
    own = after.latest if tag == LATEST else after.labelled(tag)
    was = before and (before.latest if tag == LATEST else before.labelled(tag))
    return not (own and was and own.version == was.version)


def _is(found: Descriptor | None, images: set[Digest]) -> bool:
    return found is not None and found.digest in images
