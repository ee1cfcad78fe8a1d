"""Which workspace is meant, which there are, and one more or less of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.language.source import NO_CONFIGURATION
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.environment import DEFAULT_WORKSPACE
from reconciler.model.suggestion import did_you_mean

if TYPE_CHECKING:
    from reconciler.session import Session

STATE_FOLDER = "state"
VARIABLE = "ENVFORM_WORKSPACE"
_OURS = ".envform"
_SELECTED = f"{_OURS}/workspace"
_SUFFIX = ".json"
_UNKNOWN = "Unknown workspace"
# Without one of these words a configuration cannot say where its state is, and need not be evaluated to know.
_WORDS = ("workspace", "backend")


def asked_for(root: Path, flag: str) -> str:
    """The workspace that is chosen from outside of the configuration: by flag, environment or `select`; or empty."""
    variable = os.environ.get(VARIABLE, "")
    for name, where in ((flag, "-workspace"), (variable, VARIABLE), (_selected(root), _SELECTED)):
        if name:
            _check(name, where)
            return name
    return ""


def current(session: Session) -> str:
    """The workspace that commands work in; the configuration is evaluated only where it has a say in that."""
    asked = asked_for(session.root, session.workspace)
    if _mentions(session, *(_WORDS[1:] if asked else _WORDS)):
        return session.settings.workspace
    return asked or DEFAULT_WORKSPACE


def _mentions(session: Session, *words: str) -> bool:
    try:
        texts = session.reader.sources
    except EnvformError as error:
        if [item.summary for item in error.diagnostics] != [NO_CONFIGURATION]:
            raise
        return False
    return any(word in text for text in texts.values() for word in words)


def state_folder(session: Session) -> Path:
    """Where states are kept: what `backend "local"` says, seen from the project's folder."""
    backend = session.settings.backend if _mentions(session, "backend") else None
    return session.root / (backend[1].get("path") or STATE_FOLDER if backend else STATE_FOLDER)


def state_path(session: Session, workspace: str) -> Path:
    """The file that holds a workspace's state."""
    return state_folder(session) / f"{workspace}{_SUFFIX}"


def check_begun(session: Session) -> None:
    """Where nothing was ever recorded: what a flag names must be there; a variable may begin a workspace, and says so.

    CI sets the variable for what may be new, as it does with terraform's; a flag is typed, and easily wrong.
    """
    name, flagged = current(session), session.workspace != ""
    if name == DEFAULT_WORKSPACE or not (flagged or os.environ.get(VARIABLE)):
        return
    there = _with_state(session)
    if name in there:
        return
    if flagged:
        raise EnvformError(_unknown(name, there))
    from reconciler.model.event import Told

    others = ", ".join(f"`{one}`" for one in sorted(there))
    detail = (
        f"{VARIABLE} names the workspace `{name}`, in which nothing was ever recorded: all that is declared counts as "
        f"new in it. The first apply makes its state. There are: {others}."
    )
    session.emit(Told(Diagnostic.warning("Workspace is new", detail, hint=did_you_mean(name, there))))


def known(session: Session) -> tuple[str, ...]:
    """All that have a state, the default one, and the current one, sorted."""
    return tuple(sorted({*_with_state(session), current(session)}))


def _with_state(session: Session) -> set[str]:
    from reconciler.language.rules import check_workspace

    found = {DEFAULT_WORKSPACE}
    try:
        files = [path.name for path in state_folder(session).iterdir() if path.is_file()]
    except (FileNotFoundError, NotADirectoryError):
        files = []
    found.update(name.removesuffix(_SUFFIX) for name in files if name.endswith(_SUFFIX))
    return {name for name in found if check_workspace(name) is None}


def select(session: Session, name: str, *, or_create: bool = False) -> bool:
    """Work in another workspace from now on; whether it had to be made first."""
    _check(name, "NAME")
    _check_not_overridden("select")
    missing = name not in known(session)
    if missing and not or_create:
        raise EnvformError(_unknown(name, known(session)))
    if missing:
        _make(session, name)
    _remember(session.root, name)
    return missing


def create(session: Session, name: str) -> None:
    """Make an empty workspace and work in it from now on."""
    _check(name, "NAME")
    _check_not_overridden("new")
    if name in known(session):
        detail = f"There is a workspace `{name}` already. Work in it with:\n\n    envform workspace select {name}\n"
        raise EnvformError(Diagnostic.error("Workspace exists already", detail))
    _make(session, name)
    _remember(session.root, name)


def delete(session: Session, name: str, *, force: bool) -> Path | None:
    """Forget a workspace; what it had recorded is kept in the backup that is returned."""
    from reconciler.session.states import States

    _check(name, "NAME")
    _check_may_be_deleted(session, name)
    states = States(session.in_workspace(name))
    with states.changing("workspace delete") as state:
        recorded = len(state.environments)
        if recorded and not force:
            raise EnvformError(
                Diagnostic.error(
                    "Workspace is not empty",
                    f"Workspace `{name}` has {recorded} environment{'' if recorded == 1 else 's'} on record. Deleting "
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
        raise EnvformError(Diagnostic.error(_UNKNOWN, detail, hint=did_you_mean(name, there)))
    if name == current(session):
        detail = f"`{name}` is the workspace that you work in. Select another one first."
        raise EnvformError(Diagnostic.error("Workspace is in use", detail))
    if name == DEFAULT_WORKSPACE:
        detail = f"The workspace `{name}` is always there: it is used where nobody names another one."
        raise EnvformError(Diagnostic.error("Workspace cannot be deleted", detail))


def _make(session: Session, name: str) -> None:
    from uuid import uuid4

    from reconciler.model.state import State
    from reconciler.session.states import States

    states = States(session.in_workspace(name))
    with states.locked("workspace new"):
        if states.backend.read() is None:
            states.backend.write(State(str(uuid4()), 1))


def _selected(root: Path) -> str:
    try:
        return (root / _SELECTED).read_text(encoding="utf-8", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as cause:
        raise _not_remembered("read", root, cause) from cause


def _remember(root: Path, name: str) -> None:
    path = root / _SELECTED
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        if not path.parent.exists():
            path.parent.mkdir(parents=True)
            (path.parent / ".gitignore").write_text("*\n")
        unfinished.write_text(f"{name}\n")
        unfinished.replace(path)
    except OSError as cause:
        raise _not_remembered("written", root, cause) from cause


def _not_remembered(act: str, root: Path, cause: OSError) -> EnvformError:
    detail = (
        f"Which workspace is selected stands in `{root / _SELECTED}`, and that cannot be {act}: "
        f"{(cause.strerror or str(cause)).lower()}. Name the workspace with -workspace=NAME or {VARIABLE} instead."
    )
    return EnvformError(Diagnostic.error("Selected workspace not known", detail))


def _check(name: str, where: str) -> None:
    from reconciler.language.rules import check_workspace

    wrong = check_workspace(name)
    if wrong is not None:
        summary, detail = wrong
        raise EnvformError(Diagnostic.error(summary, f"{detail} The name was given by {where}."))


def _check_not_overridden(command: str) -> None:
    name = os.environ.get(VARIABLE)
    if name:
        detail = (
            f"{VARIABLE} is set to `{name}` and wins over what is selected, so `envform workspace {command}` would "
            f"have no effect. Unset it first:\n\n    unset {VARIABLE}\n"
        )
        raise EnvformError(Diagnostic.error("Workspace is chosen by the environment", detail))


def _unknown(name: str, there: Iterable[str]) -> Diagnostic:
    return Diagnostic.error(
        _UNKNOWN,
        f"There is no workspace `{name}`. Make it with:\n\n    envform workspace new {name}\n",
        hint=did_you_mean(name, there),
    )
