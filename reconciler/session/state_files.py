"""States that lie in files of their own, as `envform state pull` prints them."""

from __future__ import annotations

from reconciler.backends.format import decode
from reconciler.model.state import State


def state_of(content: bytes, source: str) -> State:
    """The state that a file holds; StateError where it holds none."""
    return decode(
        content,
        source=source,
        way_out="Give it a plan that `envform plan -out=FILE` wrote, or a state that `envform state pull` printed.",
    )
