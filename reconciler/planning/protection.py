"""What the configuration forbids to take away."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.model.diagnostic import Diagnostic, Diagnostics
from reconciler.model.environment import Environment
from reconciler.model.plan import Change, Effect


def check_protected(change: Change, declared: Iterable[Environment], problems: Diagnostics) -> None:
    """No instance and no former name of a block with `prevent_destroy` may be taken away."""
    if change.action.effect is not Effect.DESTROY:
        return
    for environment in declared:
        if environment.lifecycle.prevent_destroy and environment.address.label == change.address.label:
            problems.add(
                Diagnostic.error(
                    "Environment is protected",
                    f"`{change.address}` has `prevent_destroy`, and this plan would {change.action.value} "
                    f"`{change.name}`. Keep it declared and out of what is destroyed, or take `prevent_destroy` away.",
                    address=change.address,
                ).at(environment.places.get("lifecycle") or environment.places.get(""))
            )
            return
