"""What a plan's reader may want to do before applying it."""

from __future__ import annotations

from collections.abc import Callable

from reconciler.model.plan import Plan, PublishedElsewhere
from reconciler.rendering.escape import safe

_NAMED = 3


def quoted(name: str) -> str:
    """A name in a sentence of a terminal."""
    return f"`{safe(name)}`"


def lost(plan: Plan, spell: Callable[[str], str] = quoted) -> str:
    """What to do first where nothing is recorded, and the registry holds versions of what is declared; else nothing.

    One name may be another project's; so it is said only where no record of anything is left.
    """
    if any(change.before for change in plan.changes) or (plan.targets and plan.lineage):
        return ""
    held = [one.name for one in plan.work if any(isinstance(reason, PublishedElsewhere) for reason in one.reasons)]
    if not held:
        return ""
    more = f" and {len(held) - _NAMED} more" if len(held) > _NAMED else ""
    names = ", ".join(spell(name) for name in held[:_NAMED])
    there = f"nothing is recorded here, and the registry has versions of {names}{more}"
    return f"{there}; if the state was lost, bring it back with `envform import -all`"
