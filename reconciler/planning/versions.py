"""Which version a definition is, or would become."""

from __future__ import annotations

from reconciler.model.state import Registered

FIRST = "1"


def next_version(registered: Registered | None) -> str:
    """The version that envform gives: one above the highest number so far, whatever else was registered."""
    if registered is None:
        return FIRST
    numbers = (int(record.version) for record in registered.versions if _is_number(record.version))
    return str(max(numbers, default=0) + 1)


def _is_number(version: str) -> bool:
    return version.isascii() and version.isdigit()
