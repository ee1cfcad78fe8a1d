"""Who chooses what: conda's environments bring their own Python, all others stand on that of their base."""

from __future__ import annotations

from collections.abc import Callable

from reconciler.model.definition import Definition, Lock
from reconciler.protocols import Resolver


class CompositeResolver:
    """Asks the one that a definition is for; each is made when it is first needed."""

    def __init__(self, conda: Callable[[], Resolver], pip: Callable[[], Resolver]) -> None:
        self._conda = conda
        self._pip = pip

    def resolve(self, definition: Definition, python: str, prefer: Lock | None) -> Lock:
        """A lock from the one who knows."""
        return (self._conda if definition.conda else self._pip)().resolve(definition, python, prefer)
