"""Environments that programs and jobs register: planned and applied like declared ones, though no file has them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.environment import ANONYMOUS
from reconciler.model.event import Told
from reconciler.model.frozen import dataclass
from reconciler.model.plan import Action, Change, Plan
from reconciler.model.request import Request
from reconciler.model.state import State
from reconciler.session.catalogue import Called, Catalogue, Found, find

if TYPE_CHECKING:
    from reconciler.protocols import EventSink
    from reconciler.session import Session

_HERE = Address.of("registered_by_program")
_FILE = "environment.envform.yaml"

Stoppable = Callable[[], AbstractContextManager[Callable[[], bool]]]


@contextmanager
def _not_stoppable() -> Iterator[Callable[[], bool]]:
    """Who stops a program stops all of it."""
    yield lambda: False


@dataclass(frozen=True, slots=True)
class Registration:
    """One environment to be registered: `fields` are the arguments and blocks of a YAML file of ours.

    Texts mean what they say: there are no templates in them.
    """

    session: Session
    fields: Mapping[str, object]

    @property
    def name(self) -> str:
        """What it is to be called."""
        return str(self.fields["name"])

    def register(self, stoppable: Stoppable = _not_stoppable) -> Found:
        """The version that holds just this; a new one only where the latest does not. Takes no lock for nothing.

        KeyboardInterrupt where it was asked to stop, though all is registered: nothing is to follow.
        """
        session = self._session(self.session.emit)
        plan = self.plan(session.recorded)
        hidden = self.name != ANONYMOUS and _archived(session.recorded, self.name)
        if plan.work and not (hidden and all(change.action is Action.RESTORE for change in plan.work)):
            with session.locked("register") as locked, _at(self.address):
                plan = self.plan(locked.state)
                with stoppable() as stopped:
                    state = locked.apply(plan, stopped)
                    if stopped():
                        raise KeyboardInterrupt
        else:
            state = session.recorded
        version = next(change.after.version for change in plan.changes if change.name == self.name and change.after)
        if hidden:
            state = self._hidden_again(session)
        return find(state, Called(self.name, version), session.settings.workspace)

    def _hidden_again(self, session: Session) -> State:
        """What is archived as a whole stays so, its new versions too, until it is restored."""
        catalogue = Catalogue(session)
        catalogue.set_archived([self.name], archived=True)
        detail = (
            f"`{self.name}` is archived, so its new versions are, too: they run, and lists do not show them. "
            f"`envform env restore {self.name}` takes that back."
        )
        self.session.emit(Told(Diagnostic.warning("Environment is archived", detail, address=self.address)))
        return catalogue.state

    def plan(self, state: State) -> Plan:
        """What registering would do."""
        known = state.environments.get(self.name)
        if known and known.address == self.address:
            moved = replace(known, address=_HERE)
            state = replace(state, environments={**state.environments, self.name: moved})
        with _at(self.address):
            plan = self._session(_unheard).plan_for(state, Request(targets=(_HERE,)))
        return replace(plan, changes=tuple(map(self._spoken, plan.changes)))

    def verdict(self) -> list[Diagnostic]:
        """What validating says of it and of the files that it names, at the address where people find it."""
        session = self._session(_unheard)
        others = session.reader.sources.keys() - {_FILE}
        return [
            _told(item, self.address)
            for item in session.validate().diagnostics
            if item.address == _HERE or (item.subject is not None and item.subject.filename not in others)
        ]

    @property
    def address(self) -> Address:
        """Where people find it."""
        return Address.registered(self.name)

    def _spoken(self, change: Change) -> Change:
        return replace(change, address=self.address) if change.address == _HERE else change

    def _session(self, emit: EventSink) -> Session:
        block = {_HERE.label: {name: _escaped(value) for name, value in self.fields.items()}}
        text = json.dumps({"environment": block}, indent=2, ensure_ascii=False)
        return replace(self.session, emit=emit, added={**self.session.added, _FILE: text})


def register_anonymous(session: Session, fields: Mapping[str, object], stoppable: Stoppable = _not_stoppable) -> Found:
    """The same definition is registered once, whatever it is called; its version is its hash."""
    unnamed = {name: value for name, value in fields.items() if name not in ("name", "version")} | {"name": ANONYMOUS}
    state = session.recorded
    others = {name: one for name, one in state.environments.items() if name != ANONYMOUS}
    plan = Registration(session, unnamed).plan(replace(state, environments=others))
    version = next(change.after.hash for change in plan.changes if change.name == ANONYMOUS and change.after)
    return Registration(session, {**unnamed, "version": version}).register(stoppable)


def apply_declared(session: Session, name: str, stopped: Callable[[], bool] = lambda: False) -> Found | None:
    """Make so what the folder's own files declare under a name, and nothing else; None where they declare no such."""
    from reconciler.language.azureml.blocks import label_of

    session = replace(session)  # which sees the files as they are now
    address = Address.of(label_of(name))
    if address not in session.configuration.addresses:
        return None
    request = Request(targets=(address,))
    state = session.recorded
    if session.plan(request).work:
        with session.locked("register") as locked:
            state = locked.apply(locked.plan(request), stopped)
    return find(state, Called(name), session.settings.workspace)


def document_of(session: Session, name: str) -> Path | None:
    """The file of the folder in which an environment of this name is declared, where that is told by its label."""
    from reconciler.language.azureml.blocks import label_of

    session = replace(session)  # which sees the files as they are now
    instance = session.configuration.instances.get(Address.of(label_of(name)))
    if instance is None:
        return None
    block = session.configuration.project.declared.blocks[instance.block]
    return session.root / block.passage.document.filename


def examined(session: Session, fields: Mapping[str, object]) -> list[Diagnostic]:
    """What is to be said of a definition without registry and state; other environments are left out."""
    named = {"name": ANONYMOUS, **fields}
    return Registration(session, named).verdict()


def _archived(state: State, name: str) -> bool:
    known = state.environments.get(name)
    return known is not None and all(record.archived for record in known.versions)


def _unheard(_: object) -> None:
    """Plans of programs are read by programs."""


def _escaped(value: object) -> object:
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, Mapping):
        return {_escaped(key): _escaped(one) for key, one in value.items()}
    return [_escaped(one) for one in value] if isinstance(value, (list, tuple)) else value


@contextmanager
def _at(address: Address) -> Iterator[None]:
    """What is told of the environment is told at the address where people find it."""
    try:
        yield
    except EnvformError as error:
        error.diagnostics = tuple(_told(item, address) for item in error.diagnostics)
        raise


def _told(item: Diagnostic, address: Address) -> Diagnostic:
    return replace(item, address=address) if item.address == _HERE else item
