"""Numbers in sentences."""

from __future__ import annotations


def counted(number: float, one: str) -> str:
    """`1 blob`, `3 blobs`, `0.5 seconds`."""
    shown = str(number).removesuffix(".0")
    return f"{shown} {one if number == 1 else one + 's'}"
