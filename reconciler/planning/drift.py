"""Where the registry no longer holds what was recorded."""

from __future__ import annotations

from reconciler.model.observation import Observation
from reconciler.model.plan import HollowImage, ImageMissing, TagMoved
from reconciler.model.publication import CACHE, expected_tags
from reconciler.model.state import Registered


def registry_drift(registered: Registered, seen: Observation) -> tuple[ImageMissing | TagMoved | HollowImage, ...]:
    """What is missing, moved or hollow, in the order of the tags."""
    reasons: list[ImageMissing | TagMoved | HollowImage] = []
    for (repository, tag), image in expected_tags(registered).items():
        if not seen.looked_at(repository):
            continue
        found = seen.digest(repository, tag)
        if not seen.has(repository, tag):
            reasons.append(ImageMissing(f"{repository}:{tag}"))
        elif found is not None and found != image and not (repository == CACHE and found in seen.alike.get(tag, ())):
            reasons.append(TagMoved(f"{repository}:{tag}", recorded=image, found=found))
        elif image in seen.hollow:
            reasons.append(HollowImage(f"{repository}:{tag}", seen.hollow[image]))
    return tuple(reasons)
