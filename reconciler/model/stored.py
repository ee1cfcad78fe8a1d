"""One thing in the user's cache that may be taken away, for it can be had again."""

from __future__ import annotations

from collections.abc import Callable

from reconciler.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Stored:
    """When it was used last, in seconds since the epoch, and how many bytes it has.

    `remove` leaves it where somebody uses it, or has used it since.
    """

    used: float
    size: int
    remove: Callable[[], None]
