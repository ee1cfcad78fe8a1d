"""What is found in a registry of a state that is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from reconciler.model.definition import Lock
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass
from reconciler.model.state import Registered

How = Literal["declared", "written", "program", "archived", "recorded"]


@dataclass(frozen=True, slots=True)
class Restored:
    """An environment as it will be on record, and which of its versions are not yet.

    It is declared at its address, will be once it is `written` down, was registered by a `program`, is archived and so
    need not be declared, or is `recorded` with other versions.
    """

    registered: Registered
    added: tuple[str, ...]
    how: How
    locks: Mapping[Digest, Lock] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Restoration:
    """All that is to be recorded, under which lineage; the text that declares what nothing declares yet."""

    lineage: str
    environments: tuple[Restored, ...]
    text: str = ""
    told: tuple[Diagnostic, ...] = ()
