"""Registered environments by the names that people call them by, and what can be done with them there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.model.diagnostic import Diagnostic, EnvformError, NotFoundError
from reconciler.model.environment import ANONYMOUS
from reconciler.model.frozen import dataclass
from reconciler.model.publication import LATEST
from reconciler.model.state import Entry, Record, Registered, State
from reconciler.model.suggestion import did_you_mean

if TYPE_CHECKING:
    from reconciler.model.history import Lived
    from reconciler.session import Session


_AZURE = "azureml:"  # no name of ours holds a colon, and none begins so
_CURATED = ("envform-", "azureml", "microsoft")


@dataclass(frozen=True, slots=True)
class Called:
    """`NAME`, `NAME:VERSION` or `NAME@LABEL`, as somebody typed it. Without either, all versions or the latest."""

    name: str
    version: str = ""
    label: str = ""

    @classmethod
    def parse(cls, text: str) -> Called:
        """What a text calls for, with `azureml:` before it or not; EnvformError says how it should be written."""
        own = text.removeprefix(_AZURE)
        name, colon, version = own.partition(":")
        if colon:
            if name and version and "@" not in version:
                return cls(name, version)
        else:
            name, at, label = own.partition("@")
            if name and (label or not at) and "@" not in label:
                return cls(name, "", label)
        both = (
            " A version and a label are given, and one of them says which is meant." if name and "@" in version else ""
        )
        forms = f"`NAME`, `NAME:VERSION`, `NAME@{LATEST}` or `NAME@LABEL`"
        detail = f"`{text}` names no environment.{both} Write {forms}." if text else f"A name is empty. Write {forms}."
        raise EnvformError(Diagnostic.error("Invalid environment name", detail))

    @property
    def whole(self) -> bool:
        """Whether it means the environment, and not one of its versions."""
        return not (self.version or self.label)


@dataclass(frozen=True, slots=True)
class Found:
    """One version of what is registered."""

    registered: Registered
    record: Record

    @property
    def called(self) -> str:
        """How it is called exactly."""
        return f"{self.registered.name}:{self.record.version}"


def find(state: State, called: Called, workspace: str) -> Found:
    """The version that is meant, archived or not; NotFoundError with the nearest one where there is none."""
    registered = state.environments.get(called.name)
    if registered is None:
        raise NotFoundError(_unknown_name(called.name, state, workspace))
    if called.label not in ("", LATEST):
        labelled = registered.labelled(called.label)
        if labelled is None:
            raise NotFoundError(_unknown_label(registered, called))
        return Found(registered, labelled)
    record = registered.version(called.version) if called.version else registered.latest
    if record is None:
        raise NotFoundError(_unknown_version(registered, called.version))
    return Found(registered, record)


def listed(state: State, name: str, *, active: bool, archived: bool) -> list[Found]:
    """The latest version of each environment, by name; of one name all its versions, newest first."""
    if name:
        registered = find(state, Called.parse(name), "").registered
        found: Iterator[Found] = (Found(registered, record) for record in reversed(registered.versions))
    else:
        named = sorted(name for name in state.environments if name != ANONYMOUS)
        found = (Found(one, one.latest) for one in map(state.environments.__getitem__, named))
    return [one for one in found if (archived if one.record.archived else active)]


def dependants(state: State, found: Found) -> list[str]:
    """Which environments stand on this version, each by the newest of its versions that does, exactly called."""
    users = (
        next((f"{one.name}:{user.version}" for user in reversed(one.versions) if _stands_on(one, user, found)), "")
        for one in state.environments.values()
        if one.name != found.registered.name
    )
    return sorted(filter(None, users))


def _stands_on(registered: Registered, user: Record, found: Found) -> bool:
    """By the hash in the name of its image; else by what it depends on, where both are the latest of their names."""
    if found.registered.address not in user.depends_on:
        return False
    on_it = [one for one in found.registered.versions if user.definition.image.endswith(f":{one.hash}")]
    return found.record in on_it if on_it else user == registered.latest and found.record == found.registered.latest


def with_archived(found: Found, *, whole: bool, archived: bool) -> Registered:
    """The environment with its versions, or with this one alone, archived or active."""
    versions = tuple(
        replace(record, archived=archived) if whole or record.version == found.record.version else record
        for record in found.registered.versions
    )
    return replace(found.registered, versions=versions)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The environments of one session's workspace."""

    session: Session

    @property
    def state(self) -> State:
        """What is recorded; EnvformError where nothing ever was."""
        from reconciler.session.states import States

        return States(self.session).recorded()

    def find(self, text: str) -> Found:
        """The version that a text calls for."""
        return find(self.state, Called.parse(text), self.workspace)

    def set_archived(self, texts: Iterable[str], *, archived: bool) -> list[str]:
        """Archive or restore what the texts call for, all or nothing; returns what of it was changed."""
        from reconciler.execution.records import Recorded
        from reconciler.session.states import States
        from reconciler.session.telling import tell_registry

        states, by = States(self.session), "env archive" if archived else "env restore"
        with states.changing(by) as state:
            changed: dict[str, Registered] = {}
            said = []
            for text in texts:
                called = Called.parse(text)
                found = find(replace_environments(state, changed), called, self.workspace)
                after = with_archived(found, whole=called.whole, archived=archived)
                if after != found.registered:
                    changed[called.name] = after
                    said.append(called.name if called.whole else found.called)
            if changed:
                at = self.session.now()
                told = [Recorded.of(state.environments[name], one, at, by) for name, one in changed.items()]
                states.record(state, tuple(Entry(one.after.name, one.after) for one in told))
                tell_registry(self.session, state, told)
        return said

    def history(self, name: str) -> list[Lived]:
        """Each version that is or was on record, newest first; of one name where it is given."""
        from reconciler.session.states import States

        lived, name = States(self.session).history(()), name.removeprefix(_AZURE)
        if name and name not in {one.registered.name for one in lived}:
            raise NotFoundError(_unknown_name(name, self.state, self.workspace))
        return [one for one in lived if name in ("", one.registered.name)]

    @property
    def workspace(self) -> str:
        """Which one they are registered in."""
        from reconciler.session import workspaces

        return workspaces.current(self.session)


def replace_environments(state: State, changed: Mapping[str, Registered]) -> State:
    """The state with these in the place of what has their names."""
    return replace(state, environments={**state.environments, **changed})


def _unknown_name(name: str, state: State, workspace: str) -> Diagnostic:
    at = next((one.name for one in state.environments.values() if str(one.address) == name), "")
    from reconciler.session.curated import curated_texts

    hint = f"the environment at `{name}` is called `{at}`" if at else did_you_mean(name, state.environments)
    if name in curated_texts():
        hint = f"it is a curated one: refer to it as `environment.{name}.image`, and the next apply registers it"
    if not hint and name.lower().startswith(_CURATED):
        hint = did_you_mean(name, curated_texts()) or "`envform env list -curated` shows those that come with envform"
    where = f" in the workspace `{workspace}`" if workspace else ""
    detail = f"No environment of the name `{name}` is registered{where}. `envform env list` shows which are."
    return Diagnostic.error("Unknown environment", detail, hint=hint)


def _unknown_label(registered: Registered, called: Called) -> Diagnostic:
    known = [*sorted(registered.labels), LATEST]
    hint = did_you_mean(called.label, known)
    if registered.version(called.label):
        hint = f"did you mean `{called.name}:{called.label}`?"
    detail = f"`{called.name}` has no label `{called.label}`. It has: {', '.join(known)}."
    return Diagnostic.error("Unknown label", detail, hint=hint)


def _unknown_version(registered: Registered, version: str) -> Diagnostic:
    known = [record.version for record in registered.versions]
    detail = f"`{registered.name}` has no version `{version}`. It has: {', '.join(known)}."
    hint = did_you_mean(version, known)
    if version == LATEST:
        hint = f"did you mean `{registered.name}@{LATEST}`?"
    return Diagnostic.error("Unknown version", detail, hint=hint)
