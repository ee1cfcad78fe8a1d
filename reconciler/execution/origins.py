"""What is put on record of how a version came by its image."""

from __future__ import annotations

from reconciler.execution.making import Made, is_built
from reconciler.model.origin import Origin
from reconciler.model.plan import Action, Change, Desired, ImageOutcome


def origin_of(change: Change, desired: Desired, made: Made | None) -> Origin:
    """As it went, not as it was planned: what was to be built may have been found by then.

    Of all that this run has made an image for it is built, whoever of them was first.
    """
    if change.action is Action.IMPORT:
        return Origin("imported")
    if made.found if made else change.image is ImageOutcome.REUSE:
        return Origin("registry")
    if not is_built(desired.definition):
        return Origin("ready")
    if change.image is ImageOutcome.REBASE and change.before:
        return Origin("rebased", change.before.image)
    return Origin("engine" if desired.definition.needs_engine else "built")
