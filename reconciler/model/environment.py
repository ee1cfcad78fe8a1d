"""What the configuration declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model.address import Address
from reconciler.model.definition import Definition
from reconciler.model.diagnostic import Place
from reconciler.model.digest import Digest

DEFAULT_PLATFORM = "linux/amd64"
DEFAULT_WORKSPACE = "default"


@dataclass(frozen=True, slots=True)
class Settings:
    """The `envform` block: where a project keeps its images, and under which name its state."""

    registry: str
    workspace: str = DEFAULT_WORKSPACE


@dataclass(frozen=True, slots=True)
class Environment:
    """One declared environment, evaluated; `version` is None where the user leaves it to envform.

    `places` tells by argument where its value stands, and under the empty name where the block does.
    """

    address: Address
    name: str
    image: str
    version: str | None = None
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    platform: str = DEFAULT_PLATFORM
    places: Mapping[str, Place] = field(default_factory=dict, compare=False, repr=False)

    def definition(self, image: str, base: Digest) -> Definition:
        """What is hashed, once the image's reference is spelled in its one way and known to mean `base`."""
        return Definition(image=image, base=base, platform=self.platform)
