"""What nobody needs any more in the workspace's registry: found, and taken away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from reconciler.execution.records import Records
from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest
from reconciler.model.garbage import Collected, Unneeded
from reconciler.model.publication import LAYERS, LOCK_TYPE, RECORD_TYPE
from reconciler.model.state import Entry, Record, Registered
from reconciler.oci.reference import LAYOUT, Name, Place
from reconciler.planning.unneeded import Tag, decide, released, without
from reconciler.session.every_workspace import EveryWorkspace, built_on, records, stands_on
from reconciler.session.states import States

if TYPE_CHECKING:
    from reconciler.protocols import Registry
    from reconciler.registries.layout_collection import LayoutCollection
    from reconciler.session import Session

_AT_ONCE = 8
_GRACE = 3600.0


@dataclass(frozen=True, slots=True)
class Needed:
    """What is on record in any workspace, but for versions that are to be released; what records stand on."""

    kept: tuple[Registered, ...]
    going: Mapping[str, tuple[Record, ...]]
    bases: frozenset[Tag]
    images: frozenset[Digest]


@dataclass(frozen=True)
class Collection:
    """One session's. `keep`: of archived versions so many newest of each name; `older_than` is in seconds."""

    session: Session
    keep: int | None = None
    older_than: float | None = None
    orphans: bool = False

    @cached_property
    def _workspaces(self) -> EveryWorkspace:
        return EveryWorkspace(self.session)

    @cached_property
    def _place(self) -> Place:
        return Place.parse(self.session.settings.registry)

    def locked(self) -> AbstractContextManager[None]:
        """No workspace of the project publishes anything until the end."""
        return self._workspaces.locked("gc")

    def found(self) -> Collected:
        """What nobody needs now; EnvformError where that cannot be told, and then nothing may be deleted."""
        return self._found(self._needed())

    def remove(self, shown: Collected) -> Collected:
        """Take away what was shown, as far as nobody needs it by now; what that was."""
        needed = self._needed()
        now = self._found(needed)
        names = tuple(one for one in now.decision.names if one in shown.decision.names)
        done = replace(now, decision=replace(now.decision, names=names))
        folder = self._folder(needed)
        if folder is None:
            delete(self.session.registry, names, needed.images)
        else:
            done = replace(done, garbage=folder.collect(_refs(names)))
        self._forget(needed.going)
        self._tidy()
        return done

    def _tidy(self) -> None:
        """What is known of layers that are gone is of no use to anybody."""
        from reconciler.registries.layer_index import RegistryLayerIndex

        RegistryLayerIndex(lambda: self.session.registry).tidy()

    def _found(self, needed: Needed) -> Collected:
        tags = tags_of(self.session.registry)
        decision = decide(needed.kept, needed.going, needed.bases, tags, orphans=self.orphans)
        folder = self._folder(needed)
        young: list[Unneeded] = []
        if self.older_than is not None:
            old = {record.image for gone in needed.going.values() for record in gone}
            unsure = [one for one in decision.names if one.digest not in old]
            young = [one for one in unsure if folder is None or folder.age(one.digest) < self.older_than]
        names = tuple(one for one in decision.names if one not in young)
        garbage = folder.find(_refs(names)) if folder else None
        counts = (len(young), 0) if folder else (0, len(young))
        return Collected(replace(decision, names=names), garbage, *counts)

    def _needed(self) -> Needed:
        states = self._workspaces.states()
        everything = [record for state in states.values() for record in records(state)]
        bases = frozenset(name for record in everything for name in stands_on(record, self._place))
        own = states.get(self._workspaces.current)
        environments = own.environments.values() if own else ()
        going = released(environments, self.keep, self._moment(), bases) if self.keep is not None else {}
        others = [one for state in states.values() if state is not own for one in state.environments.values()]
        kept = (*(without(one, going.get(one.name, ())) for one in environments), *others)
        images = {record.image for one in kept for record in one.versions}
        return Needed(kept, going, bases, frozenset(images.union(*map(built_on, everything))))

    def _moment(self) -> str:
        """Before which a record must have been made; empty where that does not matter."""
        if self.older_than is None:
            return ""
        moment = datetime.fromisoformat(self.session.now()) - timedelta(seconds=self.older_than)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def _folder(self, needed: Needed) -> LayoutCollection | None:
        """The registry's folder, where it is one."""
        if not self._place.registry.startswith(LAYOUT):
            return None
        from reconciler.registries.layout_collection import LayoutCollection

        grace = _GRACE if self.older_than is None else self.older_than
        return LayoutCollection(self.session.root / self._place.registry.removeprefix(LAYOUT), needed.images, grace)

    def _forget(self, going: Mapping[str, tuple[Record, ...]]) -> None:
        """After their images: whoever is stopped in between starts again, and nothing is left that nobody knows."""
        if not going:
            return
        states = States(self.session)
        state = states.recorded()
        states.back_up(state)
        session = self.session
        records = Records(session.registry, state.lineage, state.locks.get, session.settings.workspace)
        for name, gone in going.items():  # an image may have another name that stays
            records.drop(replace(state.environments[name], versions=gone))
        left = {name: without(state.environments[name], gone) for name, gone in going.items()}
        states.record(state, tuple(Entry(name, registered) for name, registered in left.items()))


def tags_of(registry: Registry) -> Mapping[Tag, Digest]:
    """Every name in the registry; RegistryError where there may be more."""
    repositories = [name for name in registry.catalog() if name != LAYERS]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        listed = dict(zip(repositories, pool.map(registry.list, repositories), strict=True))
    found = {(place, tag): digest for place, tags in listed.items() for tag, digest in tags.items()}
    unknown = [Name(*key) for key, digest in found.items() if digest is None]
    asked = registry.describe_many(unknown)
    told = {(name.repository, name.tag): descriptor.digest for name, descriptor in asked.items() if descriptor}
    return {key: digest for key, digest in {**found, **told}.items() if digest is not None}


def delete(registry: Registry, names: Iterable[Unneeded], needed: frozenset[Digest]) -> None:
    """Images by their digests, for a tag alone frees nothing; what is attached to them goes first."""
    names = tuple(names)
    for repository, digest in dict.fromkeys((one.repository, one.digest) for one in names if not one.alone):
        for attached in registry.referrers(Name(repository, digest=digest)):
            if attached.artifact_type in (LOCK_TYPE, RECORD_TYPE) and attached.digest not in needed:
                _delete_attached(registry, Name(repository, digest=attached.digest), digest)
        registry.delete(Name(repository, digest=digest))
        registry.delete(Name(repository, f"sha256-{digest.hex}"))
    for one in names:
        if one.alone:
            registry.delete(Name(one.repository, one.tag))


def _delete_attached(registry: Registry, name: Name, subject: Digest) -> None:
    """What a list calls attached may be anything: only what names this subject itself goes with it."""
    from reconciler.registries.naming import parsed

    try:
        image = registry.pull(name, "")
    except RegistryError as error:
        if error.temporary:
            raise
        return
    if image is not None and image.digest == name.digest:
        about = parsed(image).subject
        if about is not None and about.digest == subject:
            registry.delete(name)


def _refs(names: Iterable[Unneeded]) -> Mapping[str, Digest]:
    return {Name(one.repository, one.tag).ref: one.digest for one in names}
