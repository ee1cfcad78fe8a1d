"""All workspaces of a project at once: what any of them has on record, and that none of them publishes anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from reconciler.model.digest import Digest
from reconciler.model.state import Record, State
from reconciler.oci.reference import Place, Reference
from reconciler.session import workspaces
from reconciler.session.holding import hold
from reconciler.session.states import States

if TYPE_CHECKING:
    from reconciler.session import Session


@dataclass(frozen=True)
class EveryWorkspace:
    """Seen from one session, whose own workspace is `current`."""

    session: Session

    @cached_property
    def current(self) -> str:
        """The workspace that the session works in."""
        return workspaces.current(self.session)

    @cached_property
    def _sessions(self) -> Mapping[str, Session]:
        """The session's own stays what it is: it may hold a lock, or have read something."""
        others = {name: self.session.in_workspace(name) for name in workspaces.known(self.session)}
        return {**others, self.current: self.session}

    @contextmanager
    def locked(self, operation: str) -> Iterator[None]:
        """Nobody writes any of their states until the end; always taken in one order."""
        recorded = {name for name, session in self._sessions.items() if session.backend.read() is not None}
        with ExitStack() as stack:
            for name in sorted({self.current, *recorded}):
                stack.enter_context(hold(self._sessions[name], operation))
            yield

    def states(self) -> Mapping[str, State]:
        """What each has on record; EnvformError where one cannot be read, or where nothing was ever recorded."""
        found = {name: session.backend.read() for name, session in self._sessions.items()}
        if not any(found.values()):
            States(self.session).recorded()
        return {name: state for name, state in found.items() if state is not None}


def records(state: State) -> Iterator[Record]:
    """Every version of everything."""
    for registered in state.environments.values():
        yield from registered.versions


def stands_on(record: Record, place: Place) -> Iterator[tuple[str, str]]:
    """The names in this very registry that a record's image was built on."""
    prefix = f"{place.namespace}/" if place.namespace else ""
    for text in (record.definition.image, *record.definition.bases):
        try:
            reference = Reference.parse(text)
        except ValueError:
            continue
        name = reference.name
        if reference.registry == place.registry and name.repository.startswith(prefix):
            yield name.repository.removeprefix(prefix), name.tag


def built_on(record: Record) -> set[Digest]:
    """The digests of what it was built on, wherever that is."""
    base = record.definition.base
    return {*([base] if base else []), *record.definition.bases.values()}
