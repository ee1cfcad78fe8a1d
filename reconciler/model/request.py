"""What somebody asks a plan for, beside what the configuration says."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.model.observation import Level


@dataclass(frozen=True, slots=True)
class Request:
    """`targets`, `replace` and `upgrade` are addresses, with `*` and `?` for any text; an empty `upgrade` means none."""

    level: Level = Level.LIST
    destroy: bool = False
    targets: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()
    upgrade: tuple[str, ...] = ()
    orphans: bool = False


AS_DECLARED = Request()
EVERYTHING = "*"
