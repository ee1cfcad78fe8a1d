"""What can be declared and nobody acts on yet. Whoever makes it work takes its line away."""

from __future__ import annotations

from reconciler.language.declared import Declared
from reconciler.model.diagnostic import Diagnostics


def check_pending(declared: Declared, problems: Diagnostics) -> None:
    """Say what would otherwise be ignored in silence: nothing."""
