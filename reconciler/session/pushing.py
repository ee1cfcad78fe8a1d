"""Whether a state may be put in the place of another, and with which serial."""

from __future__ import annotations

from dataclasses import replace

from reconciler.model.diagnostic import StateError
from reconciler.model.state import State


def check_push(kept: State, pushed: State) -> None:
    """EnvformError where pushing would lose something that nobody has said may be lost."""
    forced = "Add -force if you want it in the place of what is kept; a backup of that is made."
    if pushed.lineage != kept.lineage and (kept.environments or kept.outputs):
        raise StateError(
            "State of another lineage",
            f"What is kept here has the lineage `{kept.lineage}`; the state to push has `{pushed.lineage}`, so it "
            f"belongs to another project or workspace. Nothing was written. {forced}",
        )
    if pushed.lineage == kept.lineage and pushed.serial <= kept.serial:
        raise StateError(
            "State to push is not newer",
            f"The state to push has serial {pushed.serial}, and what is kept here has serial {kept.serial} and says "
            "something else: somebody has written since. Nothing was written. Plan and apply instead: images that are "
            f"in the registry are found by their hash. {forced}",
        )


def following(kept: State | None, pushed: State) -> State:
    """The pushed state with the serial that it will have: within one lineage they only grow."""
    grown = kept.serial + 1 if kept is not None and kept.lineage == pushed.lineage else 1
    return replace(pushed, serial=max(grown, pushed.serial))
