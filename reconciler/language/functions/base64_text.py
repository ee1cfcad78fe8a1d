"""Reads base64 as Go's library does: strictly, but for the ends of lines."""

from __future__ import annotations

import binascii
from base64 import b64decode


def unpacked(text: str) -> bytes:
    """What base64 stands for; binascii.Error where it is none."""
    if not text.isascii():
        raise binascii.Error("it has characters beyond those of base64")
    bare = text.replace("\n", "").replace("\r", "")
    if "=" in bare.rstrip("=") or len(bare) % 4:
        raise binascii.Error("its length is not a multiple of four characters")
    return b64decode(bare, validate=True)
