"""What the configuration forbids to take away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.model.diagnostic import Diagnostic, Diagnostics, Place
from reconciler.model.environment import Environment
from reconciler.model.plan import Change, Effect

Protected = Mapping[str, Place | None]


def protected(declared: Iterable[Environment], without_instances: Mapping[str, Place]) -> Protected:
    """By label where a block forbids it, whether it makes instances now or not."""
    found = {
        one.address.label: one.places.get("lifecycle") or one.places.get("")
        for one in declared
        if one.lifecycle.prevent_destroy
    }
    return {**without_instances, **found}


def check_protected(change: Change, protected: Protected, problems: Diagnostics) -> None:
    """No instance and no former name of a block with `prevent_destroy` may be taken away."""
    if change.action.effect is not Effect.DESTROY or change.address.label not in protected:
        return
    problems.add(
        Diagnostic.error(
            "Environment is protected",
            f"`{change.address}` has `prevent_destroy`, and this plan would {change.action.value} "
            f"`{change.name}`. Keep it declared and out of what is destroyed, or take `prevent_destroy` away.",
            address=change.address,
        ).at(protected[change.address.label])
    )
