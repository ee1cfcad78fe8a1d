"""Content addresses."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from reconciler.model.pattern import lazy_pattern

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

_FORM = lazy_pattern(r"sha256:[0-9a-f]{64}")
_CHUNK = 1 << 20


class Digest(str):
    """`sha256:` and 64 hex digits; other algorithms are refused, for registries re-address them."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """The digest that a text spells; ValueError when it spells none."""
        if not _FORM.fullmatch(text):
            raise ValueError(f"not a sha256 digest: {text[:100]!r}")
        return cls(text)

    @classmethod
    def of(cls, content: bytes) -> Self:
        """The digest of some bytes."""
        return cls("sha256:" + hashlib.sha256(content).hexdigest())

    @classmethod
    def of_stream(cls, stream: BinaryIO) -> Self:
        """The digest of what is left in a stream."""
        hasher = hashlib.sha256()
        while chunk := stream.read(_CHUNK):
            hasher.update(chunk)
        return cls("sha256:" + hasher.hexdigest())

    @property
    def hex(self) -> str:
        """The 64 hex digits alone."""
        return self[7:]

    @property
    def short(self) -> str:
        """Twelve hex digits, for people."""
        return self[7:19]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        text = core_schema.str_schema(pattern="^sha256:[0-9a-f]{64}$")
        return core_schema.no_info_after_validator_function(cls, text)


def canonical_json(value: object) -> bytes:
    """The one spelling of a JSON value that is hashed: sorted keys, no white space, UTF-8, no NaN."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()
