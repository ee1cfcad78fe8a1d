"""What the world really holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.digest import Digest


class Level(StrEnum):
    """How closely the registry is looked at."""

    NONE = "none"
    LIST = "list"
    DIGESTS = "digests"


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that is there; its digest is None where the listing did not tell it and nobody asked."""

    digest: Digest | None


@dataclass(frozen=True, slots=True)
class Observation:
    """The tags of one environment version that exist; a missing key was looked for and is not there.

    None in place of an Observation means that nobody looked.
    """

    tags: Mapping[str, Tag]
