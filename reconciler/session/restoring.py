"""A state made again from the records that are kept beside images in the registry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from reconciler.execution.adoption import find_lock
from reconciler.execution.records import Kept, find_records
from reconciler.model.address import Address
from reconciler.model.definition import Lock
from reconciler.model.diagnostic import Diagnostic, EnvformError, RegistryError
from reconciler.model.digest import Digest
from reconciler.model.publication import CACHE, LATEST, LAYERS
from reconciler.model.restoration import How, Restoration, Restored
from reconciler.model.state import Entry, Record, Registered, State
from reconciler.model.suggestion import did_you_mean
from reconciler.oci.reference import Name
from reconciler.session.restoring_choice import Choice, choose

if TYPE_CHECKING:
    from reconciler.session import Session

_AT_ONCE = 8
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the registry has under one name: records that fit a tag, tags that have none, what `latest` is."""

    name: str
    kept: tuple[Kept, ...]
    bare: tuple[str, ...]
    latest: Digest | None


@dataclass(frozen=True)
class Restoring:
    """One session's, from its registry; `only` are patterns of names that were asked for."""

    session: Session
    state: State
    only: Sequence[str] = ()

    def found(self, file: str) -> Restoration:
        """What can be recorded anew; what is not declared goes into a file of this name."""
        from reconciler.session.restoring_text import Undeclared

        shelves = {shelf.name: shelf for shelf in self._shelves()}
        choice = choose(
            {name: shelf.kept for name, shelf in shelves.items()},
            declared=self.declared,
            lineage=self.state.lineage,
            workspace=self.session.settings.workspace,
            asked=bool(self.only),
        )
        told = [*self._without_records(shelves.values()), *choice.told]
        found = [one for name, kept in choice.chosen.items() if (one := self._restored(shelves[name], kept, told))]
        undeclared = Undeclared(self.session, file)
        written = undeclared.write([one for one in found if one.how == "written"])
        refused = {one.registered.name for one, _ in written.refused}
        told += [diagnostic for _, diagnostic in written.refused]
        stay = [replace(one, registered=written.at(one.registered)) for one in found]
        stay = _settled([one for one in stay if one.registered.name not in refused], found)
        return Restoration(self._lineage(choice), tuple(stay), written.text, tuple(told))

    @cached_property
    def declared(self) -> Mapping[str, Address]:
        """By name where an environment is declared; names that only other environments tell are not known."""
        from reconciler.language.names import declared_name

        configuration = self.session.configuration
        named = {
            declared_name(configuration.project, instance): address
            for address, instance in configuration.instances.items()
            if not address.is_data
        }
        return {name: address for name, address in named.items() if name is not None}

    def record(self, found: Restoration) -> None:
        """Write it down; the caller holds the lock."""
        from reconciler.session.states import States

        state = self.state
        if not state.serial:
            state = replace(state, lineage=found.lineage, serial=1)
            self.session.backend.write(state)
        entries = tuple(Entry(one.registered.name, one.registered, one.locks) for one in found.environments)
        States(self.session).record(state, entries)

    def _shelves(self) -> Iterable[Shelf]:
        names = [name for name in self._names() if name not in ("", CACHE, LAYERS)]
        for pattern in self.only:
            if not any(fnmatchcase(name, pattern) for name in names):
                detail = f"`{pattern}` matches nothing that `{self.session.settings.registry}` has published."
                raise EnvformError(Diagnostic.error("Name matches nothing", detail, hint=did_you_mean(pattern, names)))
        if self.only:
            names = [name for name in names if any(fnmatchcase(name, pattern) for pattern in self.only)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return [*pool.map(self._shelf, names)]

    def _names(self) -> Sequence[str]:
        try:
            return self.session.registry.catalog()
        except RegistryError as error:
            known = {*self.declared, *self.state.environments, *(one for one in self.only if "*" not in one)}
            if error.temporary or not known:
                raise
            return sorted(known)

    def _shelf(self, name: str) -> Shelf:
        registry = self.session.registry
        tags = dict(registry.list(name))
        asked = registry.describe_many([Name(name, tag) for tag, digest in tags.items() if digest is None])
        tags.update({one.tag: found.digest for one, found in asked.items() if found})
        versions = {tag: digest for tag, digest in tags.items() if digest and tag != LATEST}
        kept = [
            one
            for digest in dict.fromkeys(versions.values())
            for one in find_records(registry, Name(name, digest=digest))
            if versions.get(one.record.version) == digest
        ]
        labels = {label for one in kept for label in one.record.details.labels}
        bare = tuple(sorted(versions.keys() - labels - {one.record.version for one in kept}))
        return Shelf(name, tuple(kept), bare, tags.get(LATEST))

    def _restored(self, shelf: Shelf, kept: Sequence[Kept], told: list[Diagnostic]) -> Restored | None:
        """None where everything is on record already."""
        prior = self.state.environments.get(shelf.name)
        new = [one for one in kept if not (prior and prior.version(one.record.version))]
        locks = {one.record.lock: lock for one in new if (lock := self._lock(one))}
        told.extend(_no_lock(one) for one in new if one.record.lock not in locks)
        new = [one for one in new if one.record.lock in locks]
        if not new:
            return None
        records = [*(prior.versions if prior else ()), *(one.record for one in new)]
        ordered = _in_order(records, shelf.latest)
        address, how = self._place(shelf.name, prior, max(new, key=lambda one: one.order), ordered[-1])
        return Restored(Registered(shelf.name, address, ordered), tuple(one.record.version for one in new), how, locks)

    def _place(self, name: str, prior: Registered | None, newest: Kept, latest: Record) -> tuple[Address, How]:
        if name in self.declared:
            return self.declared[name], "declared"
        if prior:
            return prior.address, "recorded"
        if newest.address.is_registered:
            return newest.address, "program"
        return newest.address, "archived" if latest.archived else "written"

    def _lock(self, kept: Kept) -> Lock | None:
        """Also one that the state has."""
        wanted = kept.record.lock
        lock = kept.lock or self.state.locks.get(wanted)
        lock = lock or find_lock(self.session.registry, kept.record.image, wanted)
        return replace(lock, index=kept.index) if lock else None

    def _lineage(self, choice: Choice) -> str:
        """That of the lost state, where there is just one: what is attached to images then stays as it is."""
        from uuid import uuid4

        if self.state.lineage:
            return self.state.lineage
        return next(iter(choice.lineages)) if len(choice.lineages) == 1 else str(uuid4())

    def _without_records(self, shelves: Iterable[Shelf]) -> Iterator[Diagnostic]:
        known = self.state.environments
        lacking = {
            shelf.name: [one for one in shelf.bare if not (shelf.name in known and known[shelf.name].version(one))]
            for shelf in shelves
        }
        names = [f"{name}:{version}" for name, versions in lacking.items() for version in versions]
        if names:
            shown = ", ".join(f"`{one}`" for one in names[:_SHOWN])
            more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            yield Diagnostic.warning(
                "Image without a record",
                f"{shown}{more}: published, with nothing that says what it was made from. Another program has "
                "published it, or an envform that kept no records. It is left alone; what a declared environment "
                "stands for can be imported by its address:\n\n    envform import ADDRESS NAME:VERSION\n",
            )


def _in_order(records: Iterable[Record], latest: Digest | None) -> tuple[Record, ...]:
    """Oldest first; what was made within one second by its number, and last of all what `latest` leads to."""
    ordered = sorted(records, key=lambda one: (one.created, _number(one.version), one.version))
    last = [one for one in ordered if one.image == latest][-1:]
    return (*(one for one in ordered if one not in last), *last)


def _number(version: str) -> int:
    return int(version) if version.isascii() and version.isdigit() else 0


def _settled(stay: Sequence[Restored], found: Sequence[Restored]) -> list[Restored]:
    """What stood on something that has another address now stands on it there."""
    before = {one.registered.name: one.registered.address for one in found}
    moved = {before[one.registered.name]: one.registered.address for one in stay}
    settled = []
    for one in stay:
        versions = tuple(
            replace(record, depends_on=tuple(moved.get(below, below) for below in record.depends_on))
            for record in one.registered.versions
        )
        settled.append(replace(one, registered=replace(one.registered, versions=versions)))
    return settled


def _no_lock(kept: Kept) -> Diagnostic:
    return Diagnostic.warning(
        "Lock is not there",
        f"The record of `{kept.name}:{kept.record.version}` says that it was made from the lock {kept.record.lock}, "
        "which is no longer attached to its image. Nobody can tell which packages it has, so it is left out.",
    )
