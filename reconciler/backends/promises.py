"""What every state backend promises, said once: who may write over what."""

from __future__ import annotations

from functools import reduce

from reconciler.model.diagnostic import StateError
from reconciler.model.state import Entry, State


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
