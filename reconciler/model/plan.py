"""Changes, why they are made, and the plan that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Literal

from reconciler.model.address import Address
from reconciler.model.beside import Checked, Read
from reconciler.model.definition import Definition, Lock
from reconciler.model.details import Details, no_details
from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass
from reconciler.model.state import Record, RecordedOutput


class Action(StrEnum):
    """What happens to the record at an address."""

    CREATE = "create"
    NEW_VERSION = "new-version"
    UPDATE = "update"
    REPAIR = "repair"
    RESTORE = "restore"
    ARCHIVE = "archive"
    DELETE = "delete"
    FORGET = "forget"
    IMPORT = "import"
    READ = "read"
    NOTHING = "no-op"

    @property
    def effect(self) -> Effect:
        """Under which of the three numbers of the summary it is counted."""
        return _EFFECTS.get(self, Effect.CHANGE)


class Effect(StrEnum):
    """What an action does to the number of environments in use."""

    NONE = "none"
    ADD = "add"
    CHANGE = "change"
    DESTROY = "destroy"
    FORGET = "forget"
    IMPORT = "import"


_EFFECTS = {
    Action.NOTHING: Effect.NONE,
    Action.READ: Effect.NONE,
    Action.CREATE: Effect.ADD,
    Action.ARCHIVE: Effect.DESTROY,
    Action.DELETE: Effect.DESTROY,
    Action.FORGET: Effect.FORGET,
    Action.IMPORT: Effect.IMPORT,
}


class ImageOutcome(StrEnum):
    """What happens to the image: made, put on another base, found under its hash in the registry, or left alone."""

    BUILD = "build"
    REBASE = "rebase"
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
    """Description, tags or details differ; they make no version."""

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
class PublishedElsewhere:
    """The registry holds versions under this name that are not recorded here."""

    versions: tuple[str, ...]
    kind: Literal["published_elsewhere"] = "published_elsewhere"


@dataclass(frozen=True, slots=True)
class HollowImage:
    """The registry knows an image and lacks some of its content."""

    tag: str
    missing: tuple[Digest, ...]
    kind: Literal["hollow_image"] = "hollow_image"


@dataclass(frozen=True, slots=True)
class PackageMoved:
    """One package of a lock that becomes another version; empty where it comes or goes."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class PackagesUpgraded:
    """The same definition resolves to other packages, and they are wanted."""

    packages: tuple[PackageMoved, ...]
    kind: Literal["packages_upgraded"] = "packages_upgraded"


@dataclass(frozen=True, slots=True)
class ReplaceRequested:
    """Somebody asked for it to be made anew with `-replace`."""

    kind: Literal["replace_requested"] = "replace_requested"


@dataclass(frozen=True, slots=True)
class DependencyChanged:
    """Something that `replace_triggered_by` names will change."""

    addresses: tuple[str, ...]
    kind: Literal["dependency_changed"] = "dependency_changed"


@dataclass(frozen=True, slots=True)
class Imported:
    """What is registered already becomes managed here."""

    id: str
    kind: Literal["imported"] = "imported"


@dataclass(frozen=True, slots=True)
class DestroyRequested:
    """Everything is to be taken down."""

    kind: Literal["destroy_requested"] = "destroy_requested"


@dataclass(frozen=True, slots=True)
class Removed:
    """A `removed` block says that this address is gone."""

    kind: Literal["removed"] = "removed"


@dataclass(frozen=True, slots=True)
class NotInConfiguration:
    """The environment is registered but no longer declared: its block is gone, or this instance of it."""

    because: Literal["block", "each_key", "count_index", "repetition"] = "block"
    kind: Literal["not_in_configuration"] = "not_in_configuration"


@dataclass(frozen=True, slots=True)
class Moved:
    """The environment is declared at another address than before."""

    old: Address
    kind: Literal["moved"] = "moved"


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
    | PublishedElsewhere
    | NotInConfiguration
    | Moved
    | DeclaredAgain
    | HollowImage
    | PackagesUpgraded
    | ReplaceRequested
    | DependencyChanged
    | Imported
    | DestroyRequested
    | Removed
)

Drift = BasePatched | ImageMissing | TagMoved | HollowImage


@dataclass(frozen=True, slots=True)
class Desired:
    """The version that will stand at an address.

    `image` is None where only building it will tell; `lock` is None where the recorded one stays. `late` names what
    beside the definition only apply can tell: until then it has the value of what is left out.
    """

    version: str
    hash: str
    definition: Definition
    lock: Lock | None
    description: str
    tags: Mapping[str, str]
    image: Digest | None = None
    details: Details = field(default_factory=no_details)
    late: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What will happen at one address; `after` is None where nothing will stand there any more.

    `former` is the name that it was registered under, where a `moved` block gives it another.
    `lock_before` is the recorded lock where another takes its place, so that what moves between them can be told.
    """

    address: Address
    name: str
    action: Action
    image: ImageOutcome
    reasons: tuple[Reason, ...] = ()
    before: Record | None = None
    after: Desired | None = None
    depends_on: tuple[Address, ...] = ()
    former: str = ""
    lock_before: Lock | None = None

    @property
    def recorded_name(self) -> str:
        """The name under which the state has it now."""
        return self.former or self.name

    @property
    def drift(self) -> tuple[Drift, ...]:
        """Those of the reasons that nobody asked for in the configuration."""
        return tuple(reason for reason in self.reasons if isinstance(reason, Drift))


@dataclass(frozen=True, slots=True)
class OutputChange:
    """One output before and after; None: there was none, there will be none. `known`: planning tells the value."""

    name: str
    before: RecordedOutput | None
    after: RecordedOutput | None
    known: bool = True

    @property
    def changes(self) -> bool:
        """Whether apply will record something else. Of a sensitive value nothing is kept, so it never tells."""
        return not self.known or self.before != self.after


@dataclass(frozen=True, slots=True)
class Orphan:
    """An image in the workspace's registry that no record owns."""

    repository: str
    tag: str
    image: Digest | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that apply will do, and what it stands on.

    `mode` is what was asked for, `unlooked`: not to look into the registry; `targets` what it was limited to. `files`
    are digests of the project's files that were read, by path. `reads` is data that is looked up once the changes are
    made. `variables` are what the configuration was given, `checks` what its `check` blocks say. `errored`: planning
    went on as far as it could, and not to the end. `configuration` is what is declared, in Terraform's shape, and
    `relevant` what the changes take from where; both are filled for those who keep a plan or hand it to programs.
    """

    lineage: str
    registry: str
    workspace: str
    changes: tuple[Change, ...]
    outputs: tuple[OutputChange, ...] = ()
    mode: Literal["normal", "unlooked", "destroy"] = "normal"
    targets: tuple[str, ...] = ()
    orphans: tuple[Orphan, ...] = ()
    files: Mapping[str, Digest] = field(default_factory=dict)
    created: str = ""
    errored: bool = False
    reads: tuple[Read, ...] = ()
    variables: Mapping[str, RecordedOutput] = field(default_factory=dict)
    checks: tuple[Checked, ...] = ()
    configuration: Mapping[str, object] = field(default_factory=dict)
    relevant: tuple[tuple[str, tuple[str | int, ...]], ...] = ()

    @property
    def work(self) -> tuple[Change, ...]:
        """The changes that apply will carry out."""
        return tuple(change for change in self.changes if change.action is not Action.NOTHING)

    @property
    def late(self) -> tuple[Change, ...]:
        """The changes of which apply has something to work out."""
        return tuple(change for change in self.work if change.after and change.after.late)

    @property
    def output_changes(self) -> tuple[OutputChange, ...]:
        """The outputs that apply will record anew."""
        return tuple(output for output in self.outputs if output.changes)

    @property
    def drift(self) -> tuple[Change, ...]:
        """The changes in whose reasons the world differs from what was recorded."""
        return tuple(change for change in self.changes if change.drift)
