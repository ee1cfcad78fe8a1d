"""A whole state for people."""

from __future__ import annotations

from reconciler.model.state import State
from reconciler.rendering.outputs import outputs_text
from reconciler.rendering.records import record_text
from reconciler.rendering.style import Style

_NOTHING = "The state file is empty. No environments are recorded.\n"


def state_text(state: State, style: Style) -> str:
    """The latest version of each environment by address, then the outputs."""
    recorded = sorted(state.environments.values(), key=lambda one: (one.address, one.name))
    parts = [record_text(one, one.latest, state.locks, style) for one in recorded]
    if outputs := outputs_text(state.outputs, style):
        parts.append(outputs)
    return "\n".join(parts) or _NOTHING
