"""One change carried out: an image found, put under its names, and read back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from reconciler.model.definition import Definition
from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass
from reconciler.model.plan import Action, Change, Desired, HollowImage, ImageOutcome
from reconciler.model.publication import CACHE, expected_tags
from reconciler.model.state import Record, Registered
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Image
from reconciler.oci.reference import Name, Reference
from reconciler.protocols import Registry

_PUBLISHING = {Action.CREATE, Action.NEW_VERSION, Action.RESTORE, Action.REPAIR, Action.IMPORT}


@dataclass(frozen=True, slots=True)
class Publisher:
    """Makes the registry hold what a change says, and tells what is registered from then on."""

    registry: Registry
    open_registry: Callable[[str], Registry]
    now: Callable[[], str]

    def carry_out(self, change: Change, prior: Registered | None, others: Collection[Registered]) -> Registered | None:
        """What is registered afterwards; None: nothing. `others` are those whose images must stay.

        Safe to repeat after a crash at any point: what is there already is found and left alone.
        """
        known = replace(prior, name=change.name) if prior else Registered(change.name, change.address, ())
        if change.after is None:
            return self._taken_away(change.action, known, others)
        image = self._image_of(change.image, change.after, known)
        record = self._record(change.after, image.digest if image else change.after.image, known)
        record = replace(record, depends_on=change.depends_on)
        registered = replace(_with_archived(known, archived=False), address=change.address).with_record(record)
        if change.action in _PUBLISHING or change.drift or change.former:
            for new in registered.versions:
                if change.former or not known.version(new.version):
                    self._check_free(change.name, new)
            hollow = any(isinstance(reason, HollowImage) for reason in change.reasons)
            self._converge(registered, {image.digest: image} if image else {}, hollow=hollow)
        return registered

    def _taken_away(self, action: Action, known: Registered, others: Collection[Registered]) -> Registered | None:
        if action is Action.ARCHIVE:
            return _with_archived(known, archived=True)
        if action is Action.DELETE:
            kept = {key for other in others if other.name != known.name for key in expected_tags(other)}
            for key in expected_tags(known):
                if key not in kept:
                    self.registry.delete(Name(*key))
        return None

    def _check_free(self, name: str, record: Record) -> None:
        """A version that is new to the state may be published already, but then only with this very image."""
        found = self.registry.describe(Name(name, record.version))
        if found is not None and found.digest != record.image:
            raise RegistryError(
                "Version is already published with another image",
                f"`{name}:{record.version}` points at {found.digest.short} in the registry, and it would be "
                f"{record.image.short}. Somebody else has published it, or the state that knew it is lost; published "
                "versions never change. Plan again: envform then counts on from what is published. A `version` that "
                "the configuration fixes must be another one.",
            )

    def _image_of(self, outcome: ImageOutcome, desired: Desired, known: Registered) -> Image | None:
        """The new version's image where its digest has yet to be learnt."""
        if desired.image or known.version(desired.version):
            return None
        if outcome is ImageOutcome.REUSE:
            found = self.registry.pull(Name(CACHE, tag=desired.hash), desired.definition.platform)
            if found:
                return found
        return self._from_source(desired.definition)

    def _record(self, desired: Desired, image: Digest | None, known: Registered) -> Record:
        recorded = known.version(desired.version)
        if recorded:
            kept = replace(recorded, description=desired.description, tags=desired.tags, archived=False)
            return replace(kept, details=desired.details)
        if desired.lock is None or image is None:
            raise RegistryError(
                "Planned version is no longer registered",
                f"The plan keeps version {desired.version} as it is, and the state has no record of it. Plan again.",
            )
        return Record(
            version=desired.version,
            hash=desired.hash,
            definition=desired.definition,
            lock=desired.lock.digest,
            image=image,
            created=self.now(),
            description=desired.description,
            tags=desired.tags,
            details=desired.details,
        )

    def _converge(self, registered: Registered, images: Mapping[Digest, Image], *, hollow: bool) -> None:
        """Set the tags that are missing or point elsewhere, then ask whether they hold.

        Where images are hollow every tag is set again, for a push sends what is not there.
        """
        expected = {Name(*key): image for key, image in expected_tags(registered).items()}
        wrong = expected if hollow else self._differing(expected)
        definitions = {record.image: record.definition for record in registered.versions}
        for digest in dict.fromkeys(wrong.values()):
            names = [name for name, wanted in wrong.items() if wanted == digest]
            if digest in images:
                self.registry.push(images[digest], names)
            else:
                self._publish(digest, definitions[digest], names)
        unset = self._differing(wrong)
        if unset:
            listed = ", ".join(sorted(map(str, unset)))
            raise RegistryError(
                "Registry does not hold what was pushed",
                f"The registry accepted the image and does not answer with it under: {listed}. Somebody else may "
                "have set these names at the same time. Nothing was recorded; apply again.",
                temporary=True,
            )

    def _differing(self, expected: Mapping[Name, Digest]) -> dict[Name, Digest]:
        found = self.registry.describe_many(expected)
        return {name: image for name, image in expected.items() if not _is(found.get(name), image)}

    def _publish(self, digest: Digest, definition: Definition, names: Sequence[Name]) -> None:
        """A known image under these names: the registry's own copy, or where that is gone or broken, the source's."""
        try:
            for repository in dict.fromkeys([CACHE, *(name.repository for name in names)]):
                own = self.registry.pull(Name(repository, digest=digest), definition.platform)
                if own is not None:
                    self.registry.push(own, names)
                    return
        except RegistryError as broken:
            if broken.temporary:
                raise
        self.registry.push(self._recorded_image(digest, definition), names)

    def _recorded_image(self, digest: Digest, definition: Definition) -> Image:
        image = self._from_source(definition)
        if image.digest != digest:
            raise RegistryError(
                "Image is not the recorded one",
                f"`{definition.image}` gives {image.digest}, and the record says {digest}. "
                "Nothing was published, for a registered version never changes its image.",
            )
        return image

    def _from_source(self, definition: Definition) -> Image:
        reference = Reference.parse(definition.image)
        name = replace(reference.name, digest=definition.base)
        image = self.open_registry(reference.registry).pull(name, definition.platform)
        if image is None:
            raise RegistryError(
                "Base image is gone",
                f"`{definition.image}` had the digest {definition.base} when it was planned, and "
                f"`{reference.registry}` no longer holds it. Plan again to use what the tag means now.",
            )
        return image


def _with_archived(registered: Registered, *, archived: bool) -> Registered:
    return replace(registered, versions=tuple(replace(record, archived=archived) for record in registered.versions))


def _is(found: Descriptor | None, image: Digest) -> bool:
    return found is not None and found.digest == image
