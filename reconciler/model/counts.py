"""The numbers in which a plan is summed up."""

from __future__ import annotations

from collections import Counter

from reconciler.model.frozen import dataclass
from reconciler.model.plan import Effect, ImageOutcome, Plan


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of a plan's summary."""

    add: int
    change: int
    destroy: int
    build: int
    rebase: int
    cached: int
    unchanged: int
    imported: int = 0
    forgotten: int = 0

    @classmethod
    def of(cls, plan: Plan) -> Counts:
        """Count a plan; an environment that is only archived has no image to count."""
        effects = Counter(change.action.effect for change in plan.changes)
        images = Counter(change.image for change in plan.changes if change.after)
        return cls(
            add=effects[Effect.ADD],
            change=effects[Effect.CHANGE],
            destroy=effects[Effect.DESTROY],
            build=images[ImageOutcome.BUILD],
            rebase=images[ImageOutcome.REBASE],
            cached=images[ImageOutcome.REUSE],
            unchanged=images[ImageOutcome.NONE],
            imported=effects[Effect.IMPORT],
            forgotten=effects[Effect.FORGET],
        )
