"""Values as bytes that say themselves whether they are whole; what is damaged or foreign is nothing."""

from __future__ import annotations

import hashlib
import json
from typing import Any

_SUM_DIGITS = 64


def seal(value: Any) -> bytes:
    """A value of JSON under its checksum."""
    document = json.dumps(value, separators=(",", ":")).encode()
    return _sum(document) + b"\n" + document


def unseal(stored: bytes) -> Any:
    """The value; None where it is not whole."""
    checksum, _, document = stored.partition(b"\n")
    if len(checksum) != _SUM_DIGITS or checksum != _sum(document):
        return None
    try:
        return json.loads(document)
    except (ValueError, RecursionError):
        return None


def _sum(document: bytes) -> bytes:
    return hashlib.sha256(document).hexdigest().encode()
