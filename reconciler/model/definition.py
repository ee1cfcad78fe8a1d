"""What the user asked for, and its identity."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from reconciler.model.digest import Digest, canonical_json

_HASH_DIGITS = 32
_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Definition:
    """What an image is made from. Nothing else may be in the hash: no name, version, description, tags."""

    image: str
    base: Digest
    platform: str
    packages: tuple[str, ...] = ()

    @property
    def hash(self) -> str:
        """32 hex digits over the canonical form, as Azure ML caches images."""
        form = {
            "schema": _SCHEMA,
            "image": self.image,
            "base": self.base,
            "platform": self.platform,
            "packages": self.packages,
        }
        return hashlib.sha256(canonical_json(form)).hexdigest()[:_HASH_DIGITS]


@dataclass(frozen=True, slots=True)
class Artefact:
    """One file that goes into an image: what it is called, where it lies, and what it must hash to."""

    name: str
    version: str
    url: str
    digest: Digest
    size: int


@dataclass(frozen=True, slots=True)
class Lock:
    """A definition made exact."""

    base: Digest
    platform: str
    artefacts: tuple[Artefact, ...] = ()

    @property
    def digest(self) -> Digest:
        """The lock's own content address; state keeps each lock once, under it."""
        artefacts = [[a.name, a.version, a.url, a.digest, a.size] for a in self.artefacts]
        return Digest.of(canonical_json({"base": self.base, "platform": self.platform, "artefacts": artefacts}))
