"""Where an image is called for: references, checked here and never by asking a registry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from reconciler.model.digest import Digest


@dataclass(frozen=True, slots=True)
class Name:
    """An image inside one registry: a repository with a tag, a digest, or both (then the digest decides)."""

    repository: str
    tag: str = ""
    digest: Digest | None = None

    def __str__(self) -> str:
        spelled = ":".join(part for part in (self.repository, self.tag) if part)
        return f"{spelled}@{self.digest}" if self.digest else spelled


@dataclass(frozen=True, slots=True)
class Reference:
    """A whole image reference: which registry (`oci:DIR`, `HOST[:PORT]`, `docker-daemon:`), and the name in it."""

    registry: str
    name: Name

    @classmethod
    def parse(cls, text: str) -> Self:
        """The reference that a text spells; ValueError says in a full sentence what is wrong with it."""
        raise ValueError(text)
