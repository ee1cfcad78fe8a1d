"""`base = "pin"`: the base stays what its tag meant when it was first recorded."""

from __future__ import annotations

from dataclasses import replace

from reconciler.planning.decide import Situation


def with_pinned(situation: Situation) -> Situation:
    """The situation with the recorded base, where the base is pinned and its reference is still the recorded one."""
    if situation.environment.policy.base != "pin" or situation.prior is None:
        return situation
    record, definition = situation.prior.latest, situation.definition
    recorded = record.definition
    is_same = (recorded.image, recorded.platform) == (definition.image, definition.platform)
    if not is_same or (recorded.base, recorded.bases) == (definition.base, definition.bases):
        return situation
    below = {reference: recorded.bases.get(reference, digest) for reference, digest in definition.bases.items()}
    pinned = replace(definition, base=recorded.base, bases=below)
    image = record.image if pinned == recorded else None
    return replace(situation, definition=pinned, lock=replace(situation.lock, base=recorded.base), image=image)
