"""Arguments that must be whole numbers, or numbers that a double can hold."""

from __future__ import annotations

from reconciler.language.functions.signature import ArgumentError
from reconciler.language.number import Number, number_text

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1


def whole(value: Number, at: int, name: str, least: int = _SMALLEST, most: int = _LARGEST) -> int:
    """The number as a Python one; refused where it is broken or out of bounds."""
    if value.denominator != 1:
        raise ArgumentError(at, f"`{name}` must be a whole number, and this is {_shown(value)}.")
    if value < least:
        raise ArgumentError(at, f"`{name}` must be at least {least}, and this is {_shown(value)}.")
    if value > most:
        raise ArgumentError(at, f"`{name}` must be at most {most}, and this is {_shown(value)}.")
    return int(value)


def _shown(value: Number) -> str:
    text = number_text(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
