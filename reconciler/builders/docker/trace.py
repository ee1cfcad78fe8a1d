"""How BuildKit tells what it does: messages of its own format, read as far as they are of use here."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.frozen import dataclass

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_VERTEX, _LOG = 1, 3


@dataclass(frozen=True, slots=True)
class Vertex:
    """One step, each time that something is new about it."""

    key: str
    name: str
    started: bool
    error: str


@dataclass(frozen=True, slots=True)
class Output:
    """What the step of this key has printed."""

    key: str
    content: bytes


def read_trace(message: bytes) -> Iterator[Vertex | Output]:
    """What a `StatusResponse` holds; ValueError where it is none."""
    for number, value in _fields(message):
        if number == _VERTEX:
            parts = dict(_fields(value))
            yield Vertex(_text(parts, 1), _text(parts, 3), 5 in parts, _text(parts, 7))
        elif number == _LOG:
            parts = dict(_fields(value))
            yield Output(_text(parts, 1), parts.get(4, b""))


def _text(parts: dict[int, bytes], number: int) -> str:
    return parts.get(number, b"").decode(errors="replace")


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields that hold bytes; numbers are passed over, and are all of them told by empty bytes."""
    at = 0
    while at < len(message):
        key, at = _number(message, at)
        kind = key & 7
        if kind == _VARINT:
            _, at = _number(message, at)
            yield key >> 3, b""
            continue
        if kind == _BYTES:
            size, at = _number(message, at)
        elif kind in (_FIXED64, _FIXED32):
            size = 8 if kind == _FIXED64 else 4
        else:
            raise ValueError(f"a field of the kind {kind}")
        if at + size > len(message):
            raise ValueError("a field that is cut off")
        yield key >> 3, message[at : at + size]
        at += size


def _number(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(message) or shift > 63:
            raise ValueError("a number that is cut off")
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at
