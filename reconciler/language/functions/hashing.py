"""Digests of texts and files."""

from __future__ import annotations

import hashlib
from base64 import b64encode

from reconciler.language.functions.signature import CallError, Family
from reconciler.language.value import Value, shown
from reconciler.model.pattern import lazy_pattern

FAMILY = Family()
function = FAMILY.function

ALGORITHMS = ("md5", "sha1", "sha256", "sha512")

_NAMESPACES = {
    "dns": "6ba7b8109dad11d180b400c04fd430c8",
    "url": "6ba7b8119dad11d180b400c04fd430c8",
    "oid": "6ba7b8129dad11d180b400c04fd430c8",
    "x500": "6ba7b8149dad11d180b400c04fd430c8",
}
_UUID = lazy_pattern(
    r"(?:urn:uuid:)?(\{?)([0-9a-fA-F]{8})(-?)([0-9a-fA-F]{4})\3([0-9a-fA-F]{4})\3([0-9a-fA-F]{4})\3([0-9a-fA-F]{12})(\}?)"
)


def digest(content: bytes, algorithm: str) -> bytes:
    """The digest of bytes; old algorithms are there for names, not for safety."""
    return hashlib.new(algorithm, content, usedforsecurity=False).digest()


def _add(algorithm: str) -> None:
    @function(f"{algorithm}(str string) string")
    def run(text: str) -> Value:
        return digest(text.encode(), algorithm).hex()


def _add_base64(algorithm: str) -> None:
    @function(f"base64{algorithm}(str string) string")
    def run(text: str) -> Value:
        return b64encode(digest(text.encode(), algorithm)).decode()


for _algorithm in ALGORITHMS:
    _add(_algorithm)
    if _algorithm in ("sha256", "sha512"):
        _add_base64(_algorithm)


@function("uuidv5(namespace string, name string) string")
def _uuidv5(namespace: str, name: str) -> Value:
    found = bytearray(digest(_namespace(namespace) + name.encode(), "sha1")[:16])
    found[6] = found[6] & 0x0F | 0x50
    found[8] = found[8] & 0x3F | 0x80
    text = found.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _namespace(text: str) -> bytes:
    if text in _NAMESPACES:
        return bytes.fromhex(_NAMESPACES[text])
    found = _UUID.fullmatch(text)
    if found is None or bool(found[1]) != bool(found[8]):
        raise CallError(f"A namespace is a UUID, or one of {', '.join(_NAMESPACES)}; this is {shown(text)}.")
    return bytes.fromhex("".join(found.group(2, 4, 5, 6, 7)))
