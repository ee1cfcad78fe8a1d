"""What every state backend promises, said once: who may write over what, and who is told about a held lock."""

from __future__ import annotations

import getpass
import os
from functools import reduce
from uuid import uuid4

from reconciler.model.diagnostic import StateError
from reconciler.model.state import Entry, Holder, State


def replay(state: State, entries: tuple[Entry, ...]) -> State:
    """The state with finished changes in it; applying one a second time changes nothing."""
    return reduce(State.after, entries, state)


def check_succession(kept: State | None, state: State) -> None:
    """StateError unless the state may be written over what is kept."""
    if kept is None or kept.serial == 0:
        _check_first(kept, state)
        return
    if state.lineage != kept.lineage:
        raise StateError(
            "State of another lineage",
            f"What is kept here has the lineage `{kept.lineage}`; the state to write has `{state.lineage}`, so it "
            "belongs to another project or workspace. Nothing was written. Check the workspace and the backend.",
        )
    if not state.succeeds(kept):
        raise StateError(
            "State has moved on",
            f"The state to write has serial {state.serial}, but what is kept has serial {kept.serial}, and only serial "
            f"{kept.serial + 1} may follow it. Somebody else wrote in between; nothing was written. Plan again and "
            "apply the new plan.",
        )


def _check_first(kept: State | None, state: State) -> None:
    if state.serial != 1:
        raise StateError(
            "State has moved on",
            f"The state to write has serial {state.serial}, but no state is kept here, and the first one has serial "
            "1. Nothing was written. Check the workspace and the backend; the state may have been moved away.",
        )
    # A lineage made up by the first append may be replaced, but never together with what was finished under it.
    finished = kept.environments if kept else {}
    if kept and kept.lineage != state.lineage and any(state.environments.get(n) != r for n, r in finished.items()):
        raise StateError(
            "State of another lineage",
            "The journal holds finished changes of an apply that was cut short, and the state to write does not "
            "contain them. Nothing was written. Plan again: the plan starts from what was finished.",
        )


def new_holder(operation: str, created: str) -> Holder:
    """The process itself, as others will see it in the lock."""
    return Holder(
        id=str(uuid4()),
        operation=operation,
        who=_user(),
        host=os.uname().nodename,
        pid=os.getpid(),
        created=created,
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def locked_by(holder: Holder | None, place: str) -> StateError:
    """The error for whoever comes second."""
    if holder is None:
        whom = "Another envform process holds it and has not written down yet who it is."
    else:
        whom = (
            f"It is held by {holder.who} on {holder.host} (process {holder.pid}) for `{holder.operation}` since "
            f"{holder.created}.\n\n    lock id: {holder.id}\n"
        )
    return StateError(
        "State is locked",
        f"Only one process at a time may change the state {place}. {whom}\n"
        "Wait until it has ended and run the command again. A process that dies, even by force, gives the lock back. "
        "Plans need no lock.",
        temporary=True,
    )
