"""Where the registry no longer holds what was recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.model.diagnostic import Diagnostic
from reconciler.model.observation import Observation
from reconciler.model.plan import HollowImage, ImageMissing, TagMoved
from reconciler.model.publication import CACHE, LATEST, expected_tags
from reconciler.model.sharing import holder, movable, unrecorded
from reconciler.model.state import Registered

_NAMED = 3


def registry_drift(registered: Registered, seen: Observation) -> tuple[ImageMissing | TagMoved | HollowImage, ...]:
    """What is missing, moved or hollow, in the order of the tags. What another writer has by right has not moved."""
    reasons: list[ImageMissing | TagMoved | HollowImage] = []
    held = dict(_held(registered, seen))
    for (repository, tag), image in expected_tags(registered).items():
        if not seen.looked_at(repository) or (repository == registered.name and tag in held):
            continue
        found = seen.digest(repository, tag)
        if not seen.has(repository, tag):
            reasons.append(ImageMissing(f"{repository}:{tag}"))
        elif found is not None and found != image and not (repository == CACHE and found in seen.alike.get(tag, ())):
            reasons.append(TagMoved(f"{repository}:{tag}", recorded=image, found=found))
        elif image in seen.hollow:
            reasons.append(HollowImage(f"{repository}:{tag}", seen.hollow[image]))
    return tuple(reasons)


def held_by_others(registered: Registered, seen: Observation) -> Iterator[str]:
    """In words each tag of the name that leads to what another state has registered."""
    for tag, version in _held(registered, seen):
        newest = f", and {registered.latest.version} is the newest that is recorded here" if tag == LATEST else ""
        yield f"`{registered.name}:{tag}` leads to version {version}{newest}"


def held_warning(held: Sequence[str]) -> Iterator[Diagnostic]:
    """One warning for all of these, where there are any."""
    if not held:
        return
    more = f"; and so it is with {len(held) - _NAMED} more" if len(held) > _NAMED else ""
    yield Diagnostic.warning(
        "Tag was moved by another writer",
        f"{'; '.join(held[:_NAMED])}{more}. Those versions are published under the same names and not recorded here: "
        "another project or workspace publishes under them too, or the state that knew them is lost. The tags are left "
        "as they are. Give one of the two another `name` or registry; or register newer versions here, to which the "
        "tags then lead, with `envform apply -replace=ADDRESS`.",
    )


def _held(registered: Registered, seen: Observation) -> Iterator[tuple[str, str]]:
    """Tags that others have, with their versions."""
    name, expected = registered.name, expected_tags(registered)
    found = {tag: seen.digest(name, tag) for tag in movable(registered)}
    moved = {tag: digest for tag, digest in found.items() if digest and digest != expected[name, tag]}
    others = unrecorded(registered, seen.repositories.get(name, {})) if moved else {}
    for tag, digest in moved.items():
        if version := holder(registered, tag, digest, others):
            yield tag, version
