"""Everything that happens while envform works, as a closed union; renderers draw it, the engine does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from reconciler.model.address import Address
from reconciler.model.beside import Read
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass
from reconciler.model.plan import Action, Change, Plan
from reconciler.model.state import RecordedOutput


@dataclass(frozen=True, slots=True)
class Drifted:
    """The registry no longer holds what was recorded."""

    change: Change


@dataclass(frozen=True, slots=True)
class Planned:
    """One change that apply would make."""

    change: Change


@dataclass(frozen=True, slots=True)
class ReadPlanned:
    """Data that apply would look up once its changes are made."""

    read: Read


@dataclass(frozen=True, slots=True)
class PlanFinished:
    """The plan is whole."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class ChangeStarted:
    """Work at an address begins."""

    address: Address
    action: Action


@dataclass(frozen=True, slots=True)
class ChangeProgressed:
    """A step inside the work at an address; `total` is 0 where it is not known."""

    address: Address
    step: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class ChangeContinues:
    """Work at an address has gone on for so many seconds."""

    address: Address
    action: Action
    seconds: float


@dataclass(frozen=True, slots=True)
class ChangeFinished:
    """Work at an address is done and recorded durably."""

    address: Address
    action: Action
    version: str
    image: Digest
    seconds: float


@dataclass(frozen=True, slots=True)
class ChangeFailed:
    """Work at an address failed; what was there before still is."""

    address: Address
    action: Action
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class ChangeSkipped:
    """Work at an address was not begun, because something it stands on failed or the user stopped it."""

    address: Address
    action: Action
    because: str


@dataclass(frozen=True, slots=True)
class ApplyFinished:
    """Nothing more will be tried; how many changes of each kind were made, how many failed or were never begun.

    `outputs` are what is recorded of them now; `destroying` is when everything was to be taken down.
    """

    added: int
    changed: int
    destroyed: int
    failed: int = 0
    skipped: int = 0
    imported: int = 0
    forgotten: int = 0
    outputs: Mapping[str, RecordedOutput] = field(default_factory=dict)
    destroying: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A diagnostic that does not belong to one change."""

    diagnostic: Diagnostic


Event = (
    Drifted
    | Planned
    | ReadPlanned
    | PlanFinished
    | ChangeStarted
    | ChangeProgressed
    | ChangeContinues
    | ChangeFinished
    | ChangeFailed
    | ChangeSkipped
    | ApplyFinished
    | Told
)
