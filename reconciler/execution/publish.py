"""One change carried out: an image found or made, put under its names, and read back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import field, replace

from reconciler.execution.adoption import lock_label
from reconciler.execution.convergence import Convergence
from reconciler.execution.making import Made, Maker, is_built
from reconciler.execution.once import Once
from reconciler.execution.origins import origin_of
from reconciler.execution.records import Recorded, Records
from reconciler.model.address import Address
from reconciler.model.definition import Lock
from reconciler.model.details import Details
from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest
from reconciler.model.environment import DEFAULT_WORKSPACE
from reconciler.model.event import ChangeProgressed
from reconciler.model.frozen import dataclass
from reconciler.model.plan import Action, Change, Desired, HollowImage, ImageOutcome, ReplaceRequested
from reconciler.model.publication import CACHE, expected_tags
from reconciler.model.state import Record, Registered, State
from reconciler.oci.image import Image
from reconciler.oci.reference import Name
from reconciler.protocols import EventSink, Registry

Turn = Callable[[str, Callable[[], None]], AbstractContextManager[None]]
Verify = Callable[[Address, Desired, Lock, Image, EventSink], None]
_WAITING = "Waiting for another build of the same definition on this machine..."
_PUBLISHING = {Action.CREATE, Action.NEW_VERSION, Action.RESTORE, Action.REPAIR, Action.IMPORT}


@dataclass(frozen=True, slots=True)
class Done:
    """What is registered from now on, None: nothing; with the locks that are new."""

    registered: Registered | None
    locks: Mapping[Digest, Lock] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Publisher:
    """Makes the registry hold what a change says, and tells what is registered from then on.

    `turn` is held from before an image is made until it is published, one at a time for each hash among all who build
    on this machine; it tells when that takes waiting. `verify` raises where an image fails its tests.
    """

    registry: Registry
    maker: Maker
    now: Callable[[], str]
    turn: Turn = lambda *_: nullcontext()
    verify: Verify = lambda *_: None
    workspace: str = DEFAULT_WORKSPACE
    _attached: Once[Digest, None] = field(default_factory=Once)

    def carry_out(
        self, change: Change, state: State, emit: EventSink, staying: Collection[tuple[str, str]] = ()
    ) -> Done:
        """What is registered afterwards. `staying` are tags that no deletion takes away.

        Safe to repeat after a crash at any point: what is there already is found and left alone.
        """
        prior = state.environments.get(change.recorded_name)
        known = replace(prior, name=change.name) if prior else Registered(change.name, change.address, ())
        if change.after is None:
            return Done(self._taken_away(change.action, known, state, staying))
        if not self._is_to_be_made(change.after, known):
            return self._published(change, change.after, known, state, emit, None)

        def waiting() -> None:
            emit(ChangeProgressed(change.address, _WAITING))

        with self.turn(change.after.hash, waiting):
            made = self._made(change, change.after, emit)
            return self._published(change, change.after, known, state, emit, made)

    def _published(
        self, change: Change, desired: Desired, known: Registered, state: State, emit: EventSink, made: Made | None
    ) -> Done:
        lock, known_already = made.lock if made else desired.lock, known.version(desired.version)
        record = self._record(desired, lock, made.image.digest if made else desired.image, known)
        origin = record.origin if known_already else origin_of(change, desired, made)
        record = replace(record, depends_on=change.depends_on, origin=origin)
        if _tested(desired.details) != (_tested(known_already.details) if known_already else (None, "")):
            held = lock or state.locks[record.lock]
            record = replace(record, verified=self._verified(change, desired, held, record.image, made, emit))
        registered = replace(_restored(known), address=change.address).with_record(record)
        recorded = Recorded.of(state.environments.get(change.recorded_name), registered, self.now())
        records = self._records(state, lock)
        relabelled = registered.labels != known.labels or any(map(known.labelled, desired.details.labels))
        if change.action in _PUBLISHING or change.drift or change.former or relabelled:
            new = {it.version for it in registered.versions if change.former or not known.version(it.version)}
            hollow = any(isinstance(reason, HollowImage) for reason in change.reasons)
            convergence = Convergence(
                self.registry, self.maker, state, emit, recorded, records, lock, made, self._attached
            )
            convergence.converge(new, hollow=hollow)
        else:
            records.replace(recorded, recorded.versions)
        self._remove_labels(change.name, known, registered)
        return Done(recorded.after, {lock.digest: lock} if lock else {})

    def _remove_labels(self, name: str, known: Registered, registered: Registered) -> None:
        """What no version is called by any more, unless somebody else has moved it by now."""
        for label in sorted(known.labels - registered.labels):
            record, found = known.labelled(label), self.registry.describe(Name(name, label))
            if record and found and found.digest == record.image:
                self.registry.delete(Name(name, label))

    def _records(self, state: State, new: Lock | None = None) -> Records:
        digest = new.digest if new else ""
        locks = state.locks.get
        return Records(self.registry, state.lineage, lambda one: new if one == digest else locks(one), self.workspace)

    def _verified(
        self, change: Change, desired: Desired, lock: Lock, digest: Digest, made: Made | None, emit: EventSink
    ) -> str:
        """When it passed its tests; empty where there are none any more."""
        if _tested(desired.details) == (None, ""):
            return ""
        definition = desired.definition
        image = made.image if made else self.registry.pull(Name(CACHE, digest=digest), definition.platform)
        if image is None:
            image = self.maker.make(definition, lock, emit).image
        self.verify(change.address, desired, lock, image, emit)
        return self.now() if desired.details.verify else ""

    def _taken_away(
        self, action: Action, known: Registered, state: State, staying: Collection[tuple[str, str]]
    ) -> Registered | None:
        records = self._records(state)
        if action is Action.ARCHIVE:
            archived = Recorded.of(known, _with_archived(known, archived=True), self.now())
            records.replace(archived, archived.versions)
            return archived.after
        if action is Action.DELETE:
            records.drop(known)
            for key in expected_tags(known):
                if key not in staying:
                    self.registry.delete(Name(*key))
        return None

    def _is_to_be_made(self, desired: Desired, known: Registered) -> bool:
        """Whether the new version's image has a digest that has yet to be learnt."""
        return not (desired.image or desired.lock is None or known.version(desired.version))

    def _made(self, change: Change, desired: Desired, emit: EventSink) -> Made | None:
        lock, definition = desired.lock, desired.definition
        if lock is None:
            return None
        planned, ready = change.image is ImageOutcome.REUSE, not is_built(definition)
        anew = any(isinstance(reason, ReplaceRequested) for reason in change.reasons)
        # what the plan did not find may have been made since, by whoever had the turn before
        if planned or not (ready or anew):
            found = self.registry.pull(Name(CACHE, tag=desired.hash), definition.platform)
            if found and (lock_label(found) == lock.digest or (planned and not lock.artefacts)):
                exact = replace(lock, base=lock.base or (found.digest if ready else None))
                # which of several was first is chance, and is not put on record
                return Made(found, exact, found=not self.maker.has_made(definition, lock))
        return self.maker.make(definition, lock, emit)

    def _record(self, desired: Desired, lock: Lock | None, image: Digest | None, known: Registered) -> Record:
        recorded = known.version(desired.version)
        if recorded:
            kept = replace(recorded, description=desired.description, tags=desired.tags, archived=False)
            return replace(kept, details=desired.details)
        if lock is None or image is None:
            raise RegistryError(
                "Planned version is no longer registered",
                f"The plan keeps version {desired.version} as it is, and the state has no record of it. Plan again.",
            )
        return Record(
            version=desired.version,
            hash=desired.hash,
            definition=desired.definition,
            lock=lock.digest,
            image=image,
            created=self.now(),
            description=desired.description,
            tags=desired.tags,
            details=desired.details,
        )


def _tested(details: Details) -> tuple[object, str]:
    """What an image must have before a version of it is registered."""
    return details.verify, details.interpreter_path


def _restored(known: Registered) -> Registered:
    """As a whole, where it was archived as a whole; a version that was archived alone stays so."""
    whole = all(record.archived for record in known.versions)
    return _with_archived(known, archived=False) if whole else known


def _with_archived(registered: Registered, *, archived: bool) -> Registered:
    return replace(registered, versions=tuple(replace(record, archived=archived) for record in registered.versions))
