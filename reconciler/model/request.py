"""What somebody asks a plan for, beside what the configuration says."""

from __future__ import annotations

from reconciler.model.frozen import dataclass
from reconciler.model.observation import Level


@dataclass(frozen=True, slots=True)
class Request:
    """`targets`, `replace` and `upgrade` are addresses, with `*` and `?` for any text.

    `imports` are addresses and what is registered there from now on, as `import` blocks say; then nothing else is done.
    `looking` is for who only wants to see: nothing will be done, so nothing is protected from it.
    """

    level: Level = Level.LIST
    destroy: bool = False
    targets: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()
    upgrade: tuple[str, ...] = ()
    orphans: bool = False
    imports: tuple[tuple[str, str], ...] = ()
    looking: bool = False


AS_DECLARED = Request()
EVERYTHING = "*"
