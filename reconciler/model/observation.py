"""What the registry really holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass


class Level(StrEnum):
    """How closely the registry is looked at."""

    NONE = "none"
    LIST = "list"
    DIGESTS = "digests"
    DEEP = "deep"


@dataclass(frozen=True, slots=True)
class Observation:
    """The tags of every repository that was looked at, with their digests where those are known.

    A repository that is not in it was not looked at, so nothing may be said about its tags. `hollow` names the content
    that images lack, where content was looked at. `alike` has the images that are recorded for each hash.
    """

    repositories: Mapping[str, Mapping[str, Digest | None]]
    hollow: Mapping[Digest, tuple[Digest, ...]] = field(default_factory=dict)
    alike: Mapping[str, frozenset[Digest]] = field(default_factory=dict)

    def looked_at(self, repository: str) -> bool:
        """Whether a tag of this repository that is absent here is really missing."""
        return repository in self.repositories

    def has(self, repository: str, tag: str) -> bool:
        """Whether the tag is there."""
        return tag in self.repositories.get(repository, {})

    def digest(self, repository: str, tag: str) -> Digest | None:
        """What the tag points at; None where it is missing or nobody asked."""
        return self.repositories.get(repository, {}).get(tag)


NOTHING_SEEN = Observation({})
