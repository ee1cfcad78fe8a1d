"""Who chooses what: conda's environments bring their own Python, Debian is a base, all others stand on one."""

from __future__ import annotations

from collections.abc import Callable

from reconciler.model.definition import Definition, Lock
from reconciler.protocols import Resolver


class CompositeResolver:
    """Asks the one that a definition is for; each is made when it is first needed."""

    def __init__(
        self, conda: Callable[[], Resolver], pip: Callable[[], Resolver], debian: Callable[[], Resolver]
    ) -> None:
        self._conda = conda
        self._debian = debian
        self._pip = pip

    def resolve(self, definition: Definition, python: str, prefer: Lock | None) -> Lock:
        """A lock from the one who knows."""
        wanted = self._debian if definition.debian else self._conda if definition.conda else self._pip
        return wanted().resolve(definition, python, prefer)
