"""Records kept beside the images that they are of, so that a lost state can be made again from the registry alone.

What is attached is a function of what is recorded: whoever changes a record can tell what it takes the place of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from reconciler.execution.recordable import tells_secrets
from reconciler.model.address import Address
from reconciler.model.definition import Lock
from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest, canonical_json
from reconciler.model.edits import edited
from reconciler.model.environment import DEFAULT_WORKSPACE
from reconciler.model.frozen import dataclass
from reconciler.model.publication import RECORD_NAME, RECORD_NOTE, RECORD_TYPE
from reconciler.model.state import Record, Registered
from reconciler.oci.assembly import note
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Image
from reconciler.oci.manifest import Manifest, parse
from reconciler.oci.reference import Name
from reconciler.oci.strict_json import ContentError
from reconciler.protocols import Registry

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Pushed = tuple[Image, tuple[Name, ...]]
Locked = Callable[[Digest], Lock | None]


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as it is attached to its image: with the state that it is of, and how it was found there.

    `lock` is there where it says no more than the base; a longer one is attached to the image itself. `index` is what
    an attached lock leaves out.
    """

    lineage: str
    name: str
    address: Address
    record: Record
    workspace: str = DEFAULT_WORKSPACE
    lock: Lock | None = None
    index: Digest | None = None

    @property
    def order(self) -> tuple[str, int, str]:
        """What is newer is greater."""
        edits = self.record.edits
        return self.record.created, self.record.revision, edits[-1].at if edits else ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was on record of an environment, and what will be."""

    before: Registered | None
    after: Registered

    @classmethod
    def of(cls, before: Registered | None, after: Registered, at: str, by: str = "apply") -> Recorded:
        """With each record counted up in which anything has changed, and with what that was."""
        if before is None:
            return cls(None, after)
        moved = tuple(_moved(before, after))
        versions = []
        for record in after.versions:
            known = before.version(record.version)
            if known and (moved or known != record):
                edits = edited(known, record, at, by, moved if record is after.latest else ())
                versions.append(replace(record, revision=known.revision + 1, edits=edits))
            else:
                versions.append(record)
        return cls(before, replace(after, versions=tuple(versions)))

    @property
    def versions(self) -> tuple[str, ...]:
        """Those that are new, or no longer what they were."""
        known = self.before.version if self.before else lambda _: None
        return tuple(record.version for record in self.after.versions if known(record.version) != record)


def _moved(before: Registered, after: Registered) -> Iterator[str]:
    if before.name != after.name:
        yield "name"
    if before.address != after.address:
        yield "address"


@dataclass(frozen=True, slots=True)
class Records:
    """What one state has on record, as its registry keeps it; `locks` gives a lock by its digest."""

    registry: Registry
    lineage: str
    locks: Locked
    workspace: str = DEFAULT_WORKSPACE

    def push(self, image: Image, names: Sequence[Name], change: Recorded, versions: Iterable[str]) -> None:
        """An image under these names, with what is recorded of these versions, all of which are of it."""
        attached, instead = self._told(change, versions, image.descriptor)
        self.registry.push_all([(image, names), *attached], instead)

    def replace(self, change: Recorded, versions: Iterable[str]) -> None:
        """Attach what is recorded of these versions now, in the place of what was. An image that is gone has none."""
        for version in versions:
            record = change.after.version(version)
            subject = self.registry.describe(Name(change.after.name, digest=record.image)) if record else None
            if subject:
                self.registry.push_all(*self._told(change, [version], subject))

    def _told(self, change: Recorded, versions: Iterable[str], subject: Descriptor) -> tuple[list[Pushed], list[Name]]:
        attached: list[Pushed] = []
        instead: list[Name] = []
        for version in versions:
            record, old = change.after.version(version), change.before and change.before.version(version)
            if record:
                image = self._artefact(change.after, record, subject)
                attached.append((image, (Name(change.after.name, digest=image.digest),)))
            if change.before and old and version in change.versions:
                instead.append(self._name(change.before, old, subject))
        return attached, instead

    def drop(self, registered: Registered) -> None:
        """Forget what is attached of it, as far as the registry lets it: without its tags it means nothing."""
        for record in registered.versions:
            with suppress(RegistryError):
                subject = self.registry.describe(Name(registered.name, digest=record.image))
                if subject:
                    self.registry.push_all((), [self._name(registered, record, subject)])

    def _name(self, registered: Registered, record: Record, subject: Descriptor) -> Name:
        return Name(registered.name, digest=self._artefact(registered, record, subject).digest)

    def _artefact(self, registered: Registered, record: Record, subject: Descriptor) -> Image:
        lock = self.locks(record.lock)
        short = lock if lock and not lock.artefacts and not tells_secrets(lock) else None
        index = lock.index if lock else None
        kept = Kept(self.lineage, registered.name, registered.address, record, self.workspace, short, index)
        spelled = canonical_json(_documents().dump_python(kept, mode="json", exclude_defaults=True)).decode()
        plain = Descriptor(subject.media_type, subject.digest, subject.size)
        return note(plain, RECORD_TYPE, {RECORD_NAME: registered.name, RECORD_NOTE: spelled})


def find_records(registry: Registry, image: Name) -> Iterator[Kept]:
    """The records of an image under its name, of whatever state and version.

    Thousands of environments may have the image; lists tell of whom a record is, or nothing.
    """
    for descriptor in registry.referrers(image):
        listed = descriptor.annotations.get(RECORD_NAME, image.repository)
        if descriptor.artifact_type == RECORD_TYPE and listed == image.repository:
            found = registry.pull(Name(image.repository, digest=descriptor.digest), "")
            kept = _read(found.manifest, image.digest) if found else None
            if kept is not None and kept.name == image.repository:
                yield kept


def _read(raw: bytes, image: Digest | None) -> Kept | None:
    """Anyone may attach anything: only what could have been written by envform, about this image, is one."""
    from pydantic import ValidationError

    try:
        manifest = parse(raw)
        subject = manifest.subject.digest if isinstance(manifest, Manifest) and manifest.subject else None
        annotations: Mapping[str, str] = manifest.annotations if isinstance(manifest, Manifest) else {}
        kept = _documents().validate_json(annotations.get(RECORD_NOTE, ""))
    except (ContentError, ValidationError, ValueError, RecursionError):
        return None
    record = kept.record
    whole = record.definition.hash == record.hash and record.image == image == subject
    held = kept.lock is None or kept.lock.digest == record.lock
    return kept if whole and held else None


@cache
def _documents() -> TypeAdapter[Kept]:
    from pydantic import TypeAdapter

    return TypeAdapter(Kept)
