"""What the configuration declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Literal

from reconciler.model.address import Address
from reconciler.model.definition import Definition
from reconciler.model.details import Details, no_details
from reconciler.model.diagnostic import Diagnostic, Place
from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass
from reconciler.model.lifecycle import NO_LIFECYCLE, Lifecycle

DEFAULT_PLATFORM = "linux/amd64"
DEFAULT_WORKSPACE = "default"
ANONYMOUS = "CliV2AnonymousEnvironment"  # the name that Azure ML gives
NO_CONTENTS = Definition("", None, DEFAULT_PLATFORM)


@dataclass(frozen=True, slots=True)
class Settings:
    """The `envform` block: where a project keeps its images, and under which name its state.

    `backend` is the type of a `backend` block with its arguments; None for the default.
    """

    registry: str
    workspace: str = DEFAULT_WORKSPACE
    backend: tuple[str, Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """What may move by itself: the base that a tag means, and the versions of packages that are not pinned."""

    base: Literal["follow", "pin"] = "follow"
    packages: Literal["hold", "follow"] = "hold"


@dataclass(frozen=True, slots=True)
class Environment:
    """One declared environment, evaluated; `version` is None where the user leaves it to envform.

    `image` is empty where nothing is followed. `contents` is a definition as far as it is known without a registry.
    `depends_on` are addresses of environments and data, over what is referred to. `sensitive` names arguments that are
    not to be shown, or parts of them, as in `tags.owner`; `late` those that nobody can tell before apply.
    `places` tells by argument where its value stands, and under the empty name where the block does. `values` are what
    expressions may say of it, before anything is decided. `warnings` are about what it says, and stop nothing.
    """

    address: Address
    name: str
    image: str = ""
    version: str | None = None
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    platform: str = DEFAULT_PLATFORM
    contents: Definition = NO_CONTENTS
    details: Details = field(default_factory=no_details)
    policy: Policy = Policy()
    depends_on: tuple[str, ...] = ()
    lifecycle: Lifecycle = NO_LIFECYCLE
    sensitive: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()
    places: Mapping[str, Place] = field(default_factory=dict, compare=False, repr=False)
    values: Mapping[str, object] = field(default_factory=dict, compare=False, repr=False)
    warnings: tuple[Diagnostic, ...] = field(default=(), compare=False, repr=False)

    def definition(self, image: str, base: Digest | None) -> Definition:
        """What is hashed, once the image's reference is spelled in its one way and known to mean `base`."""
        return replace(self.contents, image=image, base=base, platform=self.platform)
