"""What configuration says about how an environment may change."""

from __future__ import annotations

from reconciler.model.frozen import dataclass

ALL = "all"


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The `lifecycle` block.

    `ignore_changes` names arguments, or parts as in `tags.owner`; ALL alone means every argument.
    `replace_triggered_by` holds addresses of environments, with the attribute where one is meant, as in
    `environment.base.hash`.
    """

    prevent_destroy: bool = False
    ignore_changes: tuple[str, ...] = ()
    replace_triggered_by: tuple[str, ...] = ()


NO_LIFECYCLE = Lifecycle()
