"""How a version came by its image."""

from __future__ import annotations

from typing import Literal

from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass

How = Literal["built", "engine", "rebased", "registry", "ready", "imported"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Built, by a Docker engine where that is said, or `rebased` from another image; else found or taken as it was.

    Found in the `registry` under its hash, `ready` before anything was declared, or `imported` as what somebody had
    published.
    """

    how: How
    image: Digest | None = None
