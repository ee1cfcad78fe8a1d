"""What envform remembers between runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from reconciler.model.address import Address
from reconciler.model.definition import Definition, Lock
from reconciler.model.details import Details, no_details
from reconciler.model.digest import Digest
from reconciler.model.edits import Edit
from reconciler.model.frozen import dataclass
from reconciler.model.origin import Origin


@dataclass(frozen=True, slots=True)
class Record:
    """One registered version. All but description, tags, details and archived stays as it was first written.

    `verified` is when its image passed the tests that its details ask for; `revision` counts how often anything of it
    has changed since; `origin` is None of what was registered before that was kept.
    """

    version: str
    hash: str
    definition: Definition
    lock: Digest
    image: Digest
    created: str
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    details: Details = field(default_factory=no_details)
    archived: bool = False
    depends_on: tuple[Address, ...] = ()
    verified: str = ""
    revision: int = 0
    origin: Origin | None = None
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Registered:
    """A name and its versions, oldest first: the last one is what `@latest` means.

    The address is where the configuration declared the name last; a name outlives its address.
    """

    name: str
    address: Address
    versions: tuple[Record, ...]

    @property
    def latest(self) -> Record:
        """The most recently created version, archived or not."""
        return self.versions[-1]

    def version(self, text: str) -> Record | None:
        """The record of one version."""
        return next((record for record in self.versions if record.version == text), None)

    def labelled(self, label: str) -> Record | None:
        """The version that a label leads to."""
        return next((record for record in self.versions if label in record.details.labels), None)

    @property
    def labels(self) -> frozenset[str]:
        """All that lead to any version."""
        return frozenset(label for record in self.versions for label in record.details.labels)

    def with_record(self, record: Record) -> Registered:
        """The same with this record in the place of its version, or at the end when the version is new.

        A label leads to one version: others lose those that this one has.
        """
        others = tuple(old if old.version == record.version else _unlabelled(old, record) for old in self.versions)
        if self.version(record.version) is None:
            return replace(self, versions=(*others, record))
        return replace(self, versions=tuple(record if old.version == record.version else old for old in others))


def _unlabelled(old: Record, new: Record) -> Record:
    kept = tuple(label for label in old.details.labels if label not in new.details.labels)
    return old if kept == old.details.labels else replace(old, details=replace(old.details, labels=kept))


@dataclass(frozen=True, slots=True)
class Entry:
    """One finished change, as the journal keeps it: what stands under the name from now on; None: nothing.

    `former` is a name under which nothing stands any more, because it stands under the new one now.
    """

    name: str
    after: Registered | None
    locks: Mapping[Digest, Lock] = field(default_factory=dict)
    former: str = ""


@dataclass(frozen=True, slots=True)
class RecordedOutput:
    """What an output was after the last apply. The value of a sensitive one is not kept."""

    value: Any = None
    sensitive: bool = False
    type: Any = field(default=None, compare=False)
    """As Terraform writes types in JSON, for programs; None where there is no more to it than the value tells."""


@dataclass(frozen=True, slots=True)
class State:
    """Everything recorded in one workspace, by name. Lineage is set once; serial grows with each written change."""

    lineage: str
    serial: int = 0
    environments: Mapping[str, Registered] = field(default_factory=dict)
    locks: Mapping[Digest, Lock] = field(default_factory=dict)
    outputs: Mapping[str, RecordedOutput] = field(default_factory=dict)

    def after(self, entry: Entry) -> State:
        """The state once a finished change is in it; the serial is left to who writes it."""
        environments = {**self.environments}
        environments.pop(entry.former, None)
        if entry.after is None:
            environments.pop(entry.name, None)
        else:
            environments[entry.name] = entry.after
        return replace(self, environments=environments, locks={**self.locks, **entry.locks})

    def succeeds(self, other: State) -> bool:
        """Whether this state may be written over the other one."""
        return self.lineage == other.lineage and self.serial == other.serial + 1


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a state lock."""

    id: str
    operation: str
    who: str
    host: str
    pid: int
    created: str
