"""What values of one type are the same by, so that among many the same ones are found without comparing all pairs."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from reconciler.language.number import usual
from reconciler.language.value import Value, is_null, is_number


def identity(value: Value) -> Hashable:
    """Equal for two known values of one type where they are the same, and only then."""
    if is_null(value):
        return None
    if isinstance(value, tuple):
        return tuple(map(identity, value))
    if isinstance(value, Mapping):
        return tuple([(key, identity(value[key])) for key in sorted(value)])
    return usual(value) if is_number(value) else value
