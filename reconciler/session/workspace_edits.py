"""One workspace more, one less, and which of them is selected."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.environment import DEFAULT_WORKSPACE
from reconciler.model.number_text import counted
from reconciler.model.state import State
from reconciler.model.suggestion import did_you_mean
from reconciler.session.states import States
from reconciler.session.workspaces import (
    SELECTED,
    UNKNOWN,
    VARIABLE,
    check_given,
    current,
    known,
    not_remembered,
    unknown,
)

if TYPE_CHECKING:
    from reconciler.session import Session


def select(session: Session, name: str, *, or_create: bool = False) -> bool:
    """Work in another workspace from now on; whether it had to be made first."""
    check_given(name, "NAME")
    _check_not_overridden("select")
    missing = name not in known(session)
    if missing and not or_create:
        raise EnvformError(unknown(name, known(session)))
    if missing:
        _make(session, name)
    _remember(session.root, name)
    return missing


def create(session: Session, name: str) -> None:
    """Make an empty workspace and work in it from now on."""
    check_given(name, "NAME")
    _check_not_overridden("new")
    if name in known(session):
        detail = f"There is a workspace `{name}` already. Work in it with:\n\n    envform workspace select {name}\n"
        raise EnvformError(Diagnostic.error("Workspace exists already", detail))
    _make(session, name)
    _remember(session.root, name)


def delete(session: Session, name: str, *, force: bool) -> Path | None:
    """Forget a workspace; what it had recorded is kept in the backup that is returned."""
    check_given(name, "NAME")
    _check_may_be_deleted(session, name)
    states = States(session.in_workspace(name))
    with states.changing("workspace delete") as state:
        recorded = len(state.environments)
        if recorded and not force:
            raise EnvformError(
                Diagnostic.error(
                    "Workspace is not empty",
                    f"Workspace `{name}` has {counted(recorded, 'environment')} on record. Deleting "
                    "it forgets them, and their images stay in the registry. Take them out with `envform destroy` and "
                    "`envform state rm` first, or add -force if that is what you want.",
                )
            )
        backup = states.back_up(state) if recorded else None
        states.backend.remove()
    return backup


def _check_may_be_deleted(session: Session, name: str) -> None:
    there = known(session)
    if name not in there:
        detail = f"There is no workspace `{name}`, so there is nothing to delete."
        raise EnvformError(Diagnostic.error(UNKNOWN, detail, hint=did_you_mean(name, there)))
    if name == current(session):
        detail = f"`{name}` is the workspace that you work in. Select another one first."
        raise EnvformError(Diagnostic.error("Workspace is in use", detail))
    if name == DEFAULT_WORKSPACE:
        detail = f"The workspace `{name}` is always there: it is used where nobody names another one."
        raise EnvformError(Diagnostic.error("Workspace cannot be deleted", detail))


def _make(session: Session, name: str) -> None:
    from uuid import uuid4

    states = States(session.in_workspace(name))
    with states.locked("workspace new"):
        if states.backend.read() is None:
            states.backend.write(State(str(uuid4()), 1))


def _remember(root: Path, name: str) -> None:
    path = root / SELECTED
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        if not path.parent.exists():
            path.parent.mkdir(parents=True)
            (path.parent / ".gitignore").write_text("*\n")
        unfinished.write_text(f"{name}\n")
        unfinished.replace(path)
    except OSError as cause:
        raise not_remembered("written", root, cause) from cause


def _check_not_overridden(command: str) -> None:
    name = os.environ.get(VARIABLE)
    if name:
        detail = (
            f"{VARIABLE} is set to `{name}` and wins over what is selected, so `envform workspace {command}` would "
            f"have no effect. Unset it first:\n\n    unset {VARIABLE}\n"
        )
        raise EnvformError(Diagnostic.error("Workspace is chosen by the environment", detail))
