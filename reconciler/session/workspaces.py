"""Which workspace is meant, and which there are."""

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
SELECTED = f"{_OURS}/workspace"
_SUFFIX = ".json"
UNKNOWN = "Unknown workspace"
# Without one of these words a configuration cannot say where its state is, and need not be evaluated to know.
_WORDS = ("workspace", "backend")


def asked_for(root: Path, flag: str) -> str:
    """The workspace that is chosen from outside of the configuration: by flag, environment or `select`; or empty."""
    variable = os.environ.get(VARIABLE, "")
    for name, where in ((flag, "-workspace"), (variable, VARIABLE), (_selected(root), SELECTED)):
        if name:
            check_given(name, where)
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
        raise EnvformError(unknown(name, there))
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


def _selected(root: Path) -> str:
    try:
        return (root / SELECTED).read_text(encoding="utf-8", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as cause:
        raise not_remembered("read", root, cause) from cause


def not_remembered(act: str, root: Path, cause: OSError) -> EnvformError:
    """What is said where the file with the selected workspace is out of reach."""
    detail = (
        f"Which workspace is selected stands in `{root / SELECTED}`, and that cannot be {act}: "
        f"{(cause.strerror or str(cause)).lower()}. Name the workspace with -workspace=NAME or {VARIABLE} instead."
    )
    return EnvformError(Diagnostic.error("Selected workspace not known", detail))


def check_given(name: str, where: str) -> None:
    """EnvformError where no workspace may be called so; `where` gave the name."""
    from reconciler.language.rules import check_workspace

    wrong = check_workspace(name)
    if wrong is not None:
        summary, detail = wrong
        raise EnvformError(Diagnostic.error(summary, f"{detail} The name was given by {where}."))


def unknown(name: str, there: Iterable[str]) -> Diagnostic:
    """What is said of a name that no workspace has."""
    return Diagnostic.error(
        UNKNOWN,
        f"There is no workspace `{name}`. Make it with:\n\n    envform workspace new {name}\n",
        hint=did_you_mean(name, there),
    )
