"""What has to happen at one address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from reconciler.model.definition import Definition, Lock
from reconciler.model.details import Details
from reconciler.model.diagnostic import EnvformError
from reconciler.model.digest import Digest
from reconciler.model.environment import Environment
from reconciler.model.frozen import dataclass
from reconciler.model.observation import Observation
from reconciler.model.plan import (
    Action,
    AdoptedFromRegistry,
    BasePatched,
    Change,
    DeclaredAgain,
    DefinitionChanged,
    Desired,
    ImageOutcome,
    MetadataChanged,
    Moved,
    PublishedElsewhere,
    Reason,
    ReplaceRequested,
    VersionRequested,
)
from reconciler.model.publication import CACHE
from reconciler.model.state import Record, Registered
from reconciler.planning.diff import changed_paths
from reconciler.planning.drift import registry_drift
from reconciler.planning.labels import check_labels
from reconciler.planning.late import as_recorded
from reconciler.planning.refusals import version_clash, version_is_fixed, version_is_published
from reconciler.planning.versions import Published, next_version, published_elsewhere


@dataclass(frozen=True, slots=True)
class Situation:
    """All that is known about a declared environment at the moment its change is decided.

    `image` is the image's digest where it is known before anything is built. `requested` are reasons to make it anew
    though nothing in it differs. `former` is the name it was registered under, where it has moved to another.
    `same_packages`: the lock holds what the recorded one held, for the same Python.
    """

    environment: Environment
    definition: Definition
    lock: Lock
    image: Digest | None
    prior: Registered | None
    seen: Observation
    requested: tuple[Reason, ...] = ()
    former: str = ""
    same_packages: bool = False


def decide(situation: Situation) -> Change:
    """The change for a declared environment; raises EnvformError where none is allowed."""
    change = replace(_decided(situation), former=situation.former)
    if change.after:
        check_labels(situation.environment, change.after.version, situation.prior)
    return change


def _decided(situation: Situation) -> Change:
    prior, environment = situation.prior, situation.environment
    if prior is None:
        return _register(situation, Action.CREATE, ())
    if environment.version is None:
        return _against(situation, prior.latest, prior)
    record = prior.version(environment.version)
    if record is None:
        return _new_version(situation, prior, (VersionRequested(environment.version),))
    if any(isinstance(reason, ReplaceRequested) for reason in situation.requested):
        raise EnvformError(version_is_fixed(environment, record))
    return _against_fixed(situation, record, prior)


def _against(situation: Situation, record: Record, prior: Registered) -> Change:
    if situation.requested:
        return _new_version(situation, prior, situation.requested)
    if record.hash != situation.definition.hash:
        return _new_version(situation, prior, ())
    return _same_version(situation, record, prior)


def _against_fixed(situation: Situation, record: Record, prior: Registered) -> Change:
    """A version that the user wrote down keeps its meaning: a patched base waits, anything else is an error."""
    if record.hash == situation.definition.hash:
        return _same_version(situation, record, prior, waiting=situation.requested)
    reasons = _definition_reasons(record.definition, situation.definition)
    if all(isinstance(reason, BasePatched) for reason in reasons):
        return _same_version(situation, record, prior, waiting=reasons)
    raise EnvformError(version_clash(situation.environment, record, situation.definition, reasons))


def _same_version(situation: Situation, record: Record, prior: Registered, waiting: tuple[Reason, ...] = ()) -> Change:
    environment = situation.environment
    drift = registry_drift(prior, situation.seen)
    metadata = _metadata_changed(record, environment)
    again = (DeclaredAgain(),) if record.archived else ()
    moved = _moved(situation, prior)
    after = Desired(
        version=record.version,
        hash=record.hash,
        definition=record.definition,
        lock=None,
        description=environment.description,
        tags=environment.tags,
        image=record.image,
        details=environment.details,
        late=tuple(sorted(environment.late)),
    )
    return Change(
        address=environment.address,
        name=environment.name,
        action=_action_for(again, (*metadata, *moved), drift),
        image=_image_outcome(situation, record.hash, record.image) if drift else ImageOutcome.NONE,
        reasons=(*again, *moved, *drift, *metadata, *waiting),
        before=record,
        after=after,
    )


def _action_for(again: tuple[Reason, ...], asked: tuple[Reason, ...], drift: tuple[Reason, ...]) -> Action:
    if again:
        return Action.RESTORE
    if asked:
        return Action.UPDATE
    return Action.REPAIR if drift else Action.NOTHING


def _new_version(situation: Situation, prior: Registered, reasons: tuple[Reason, ...]) -> Change:
    latest = prior.latest
    again = (DeclaredAgain(),) if latest.archived else ()
    because = _definition_reasons(latest.definition, situation.definition)
    drift = registry_drift(prior, situation.seen)
    moved = _moved(situation, prior)
    return _register(situation, Action.NEW_VERSION, (*reasons, *again, *moved, *because, *drift), latest)


def _moved(situation: Situation, prior: Registered) -> tuple[Reason, ...]:
    return (Moved(prior.address),) if prior.address != situation.environment.address else ()


def _register(
    situation: Situation, action: Action, reasons: tuple[Reason, ...], before: Record | None = None
) -> Change:
    environment, definition = situation.environment, situation.definition
    outcome = _image_outcome(situation, definition.hash, situation.image)
    adopted = (AdoptedFromRegistry(definition.hash),) if outcome is ImageOutcome.REUSE else ()
    published = published_elsewhere(environment.name, situation.prior, situation.seen)
    version = environment.version or next_version(situation.prior, published, situation.image)
    _check_free(situation, version, published)
    elsewhere = (PublishedElsewhere(tuple(sorted(published))),) if published else ()
    return Change(
        address=environment.address,
        name=environment.name,
        action=action,
        image=outcome,
        reasons=(*reasons, *elsewhere, *adopted),
        before=before,
        after=Desired(
            version=version,
            hash=definition.hash,
            definition=definition,
            lock=situation.lock,
            description=environment.description,
            tags=environment.tags,
            image=situation.image,
            details=environment.details,
            late=tuple(sorted(environment.late)),
        ),
    )


def _check_free(situation: Situation, version: str, published: Published) -> None:
    """A version that is published with another image already stays what it is, whoever published it."""
    found = published.get(version)
    if found is None or found == situation.image:
        return
    raise EnvformError(version_is_published(situation.environment, version, found))


def _image_outcome(situation: Situation, hash: str, image: Digest | None) -> ImageOutcome:
    """Found under its hash unless the tag is known to hold something else, or somebody wants it made anew."""
    if _is_rebase(situation, hash):
        return ImageOutcome.REBASE
    if situation.requested or not situation.seen.has(CACHE, hash):
        return ImageOutcome.BUILD
    found = situation.seen.digest(CACHE, hash)
    return ImageOutcome.BUILD if found and image and found != image else ImageOutcome.REUSE


def _is_rebase(situation: Situation, hash: str) -> bool:
    """The packages are those of the recorded image, and only what they lie on is another."""
    definition, prior = situation.definition, situation.prior
    if prior is None or hash == prior.latest.hash or situation.seen.has(CACHE, hash):
        return False
    if not definition.is_resolved or definition.needs_engine or situation.lock.scripted:
        return False
    recorded = prior.latest.definition
    if recorded.base is None and definition.base is None and definition.image:
        # images of this workspace, called by their hashes: another image is another base
        return situation.same_packages and replace(recorded, image=definition.image) == definition
    return recorded.image == definition.image and replace(recorded, base=definition.base) == definition


def _definition_reasons(old: Definition, new: Definition) -> tuple[Reason, ...]:
    """A base that moved under the same reference is a patch; any other difference is the user's."""
    patched = {
        path: BasePatched(reference, old=was[1], new=now)
        for path, (reference, now) in _bases(new).items()
        if (was := _bases(old).get(path)) and was[0] == reference and was[1] != now
    }
    others = tuple(path for path in changed_paths(old.form, new.form) if path not in patched)
    return (*patched.values(), *((DefinitionChanged(others),) if others else ()))


def _bases(definition: Definition) -> dict[str, tuple[str, Digest]]:
    """What a definition stands on, by the path at which that is: its reference, and what that leads to."""
    below = {f"bases.{reference}": (reference, digest) for reference, digest in definition.bases.items()}
    return {"base": (definition.image, definition.base), **below} if definition.base else below


def _metadata_changed(record: Record, environment: Environment) -> tuple[MetadataChanged, ...]:
    environment = as_recorded(environment, record)
    old = (record.description, record.tags, record.details)
    new = (environment.description, environment.tags, environment.details)
    if old == new and not environment.late:
        return ()
    details = None if record.details == environment.details else asdict
    paths = changed_paths(_metadata(*old, details), _metadata(*new, details))
    return (MetadataChanged((*paths, *sorted(environment.late))),)


def _metadata(
    description: str, tags: Mapping[str, str], details: Details, spell: Callable[[Details], dict[str, Any]] | None
) -> Mapping[str, Any]:
    return {"description": description, "tags": dict(tags), **(spell(details) if spell else {})}
