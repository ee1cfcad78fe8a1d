"""Changes, why they are made, and the plan that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from reconciler.model.address import Address
from reconciler.model.definition import Definition, Lock
from reconciler.model.digest import Digest
from reconciler.model.state import Record


class Action(StrEnum):
    """What happens to the record at an address."""

    CREATE = "create"
    NEW_VERSION = "new-version"
    UPDATE = "update"
    REPAIR = "repair"
    RESTORE = "restore"
    ARCHIVE = "archive"
    NOTHING = "no-op"


class ImageOutcome(StrEnum):
    """What happens to the image: made, found under its hash in the registry, or left alone."""

    BUILD = "build"
    REUSE = "reuse"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class DefinitionChanged:
    """The definition differs from the recorded one, at these paths."""

    paths: tuple[str, ...]
    kind: Literal["definition_changed"] = "definition_changed"


@dataclass(frozen=True, slots=True)
class BasePatched:
    """The base image's tag points at another digest than before."""

    image: str
    old: Digest
    new: Digest
    kind: Literal["base_patched"] = "base_patched"


@dataclass(frozen=True, slots=True)
class MetadataChanged:
    """Description or tags differ; they make no version."""

    paths: tuple[str, ...]
    kind: Literal["metadata_changed"] = "metadata_changed"


@dataclass(frozen=True, slots=True)
class VersionRequested:
    """The configuration asks for a version that is not registered yet."""

    version: str
    kind: Literal["version_requested"] = "version_requested"


@dataclass(frozen=True, slots=True)
class ImageMissing:
    """A tag that was published is no longer in the registry."""

    tag: str
    kind: Literal["image_missing"] = "image_missing"


@dataclass(frozen=True, slots=True)
class TagMoved:
    """A tag that was published points at another image now."""

    tag: str
    recorded: Digest
    found: Digest
    kind: Literal["tag_moved"] = "tag_moved"


@dataclass(frozen=True, slots=True)
class AdoptedFromRegistry:
    """The registry already holds an image under this hash."""

    hash: str
    kind: Literal["adopted_from_registry"] = "adopted_from_registry"


@dataclass(frozen=True, slots=True)
class NotInConfiguration:
    """The environment is registered but no longer declared."""

    kind: Literal["not_in_configuration"] = "not_in_configuration"


@dataclass(frozen=True, slots=True)
class DeclaredAgain:
    """The environment was archived and is declared again."""

    kind: Literal["declared_again"] = "declared_again"


Reason = (
    DefinitionChanged
    | BasePatched
    | MetadataChanged
    | VersionRequested
    | ImageMissing
    | TagMoved
    | AdoptedFromRegistry
    | NotInConfiguration
    | DeclaredAgain
)


@dataclass(frozen=True, slots=True)
class Desired:
    """The version that will stand at an address; `image` is None where only building it will tell."""

    version: str
    hash: str
    definition: Definition
    lock: Lock
    description: str
    tags: Mapping[str, str]
    image: Digest | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What will happen at one address; `after` is None where nothing will stand there any more."""

    address: Address
    name: str
    action: Action
    image: ImageOutcome
    reasons: tuple[Reason, ...] = ()
    before: Record | None = None
    after: Desired | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that apply will do, and what it stands on."""

    lineage: str
    serial: int
    registry: str
    workspace: str
    changes: tuple[Change, ...]
    drift: tuple[Change, ...] = ()
    format_version: Literal["1.0"] = "1.0"

    @property
    def empty(self) -> bool:
        """Whether apply would have nothing to do."""
        return all(change.action is Action.NOTHING for change in self.changes)
