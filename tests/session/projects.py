"""A project with states in it, without a registry: what commands on state need."""

from __future__ import annotations

from pathlib import Path

from reconciler.model.diagnostic import Diagnostic
from reconciler.model.event import Event, Told
from reconciler.model.state import State
from reconciler.session import Session
from reconciler.session.states import States
from tests.backends.states import apply, now


def session_in(root: Path, told: list[Diagnostic] | None = None, *, workspace: str = "") -> Session:
    def emit(event: Event) -> None:
        if told is not None and isinstance(event, Told):
            told.append(event.diagnostic)

    return Session(root, emit, now=now, workspace=workspace)


def states_in(root: Path, told: list[Diagnostic] | None = None, *, workspace: str = "") -> States:
    return States(session_in(root, told, workspace=workspace))


def recorded(root: Path, *names: str, workspace: str = "default") -> State:
    """A state with these environments, as an apply leaves it."""
    return apply(root / "state" / f"{workspace}.json", names)


def content(state: State | None) -> dict[str, tuple[str, int]]:
    """What is recorded: by name the address and how many versions."""
    environments = state.environments if state else {}
    return {name: (str(one.address), len(one.versions)) for name, one in environments.items()}
