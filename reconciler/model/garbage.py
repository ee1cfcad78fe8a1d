"""What nobody needs any more in a registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass
from reconciler.model.state import Record


@dataclass(frozen=True, slots=True)
class Unneeded:
    """A name that goes. `alone`: its image stays, for something else needs that."""

    repository: str
    tag: str
    digest: Digest
    archived: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What goes, and how many names belong to no record and stay because somebody gave them to an image.

    `released` are the records that are forgotten with their images, by name.
    """

    names: tuple[Unneeded, ...] = ()
    strangers: int = 0
    released: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Garbage:
    """What goes from a folder: manifests without a name, files with their sizes. `young` files may be in use."""

    nameless: tuple[Digest, ...] = ()
    files: Mapping[Digest, int] = field(default_factory=dict)
    young: Mapping[Digest, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Collected:
    """Names that go; in a folder, what goes with them. `young` are not old enough, of `ageless` nobody knows."""

    decision: Decision
    garbage: Garbage | None = None
    young: int = 0
    ageless: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether all is needed."""
        along = self.garbage is not None and bool(self.garbage.files or self.garbage.nameless)
        return not (self.decision.names or self.decision.released or along)

    @property
    def images(self) -> int:
        """How many images go."""
        nameless = self.garbage.nameless if self.garbage else ()
        return len({one.digest for one in self.decision.names if not one.alone} | {*nameless})
