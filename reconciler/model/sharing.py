"""Names under which several states publish: whose a tag is that may move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.model.digest import Digest
from reconciler.model.publication import LATEST
from reconciler.model.state import Registered

REFERRERS = "sha256-"


def number(version: str) -> int:
    """The number that a version is; 0 where it is none."""
    return int(version) if version.isascii() and version.isdigit() else 0


def unrecorded(registered: Registered | None, tags: Mapping[str, Digest | None]) -> Mapping[str, Digest | None]:
    """Versions that a name has in the registry and this state has not; labels of others count as versions."""
    own = registered.labels if registered else frozenset[str]()
    return {
        tag: digest
        for tag, digest in tags.items()
        if tag != LATEST
        and not tag.startswith(REFERRERS)
        and not (registered and (registered.version(tag) is not None or tag in own))
    }


def holder(registered: Registered, tag: str, found: Digest, others: Mapping[str, Digest | None]) -> str:
    """The version of another state that a tag leads to by right; empty where ours has it or should.

    Of two numbered versions the higher one is `latest`, whoever asks: so nobody's repair undoes another's.
    """
    ours = registered.latest if tag == LATEST else registered.labelled(tag)
    if ours is None or ours.image == found:
        return ""
    theirs = sorted((one for one, digest in others.items() if digest == found), key=lambda one: (number(one), one))
    if tag == LATEST and number(ours.version):
        theirs = [one for one in theirs if not number(one) or number(one) > number(ours.version)]
    return theirs[-1] if theirs else ""


def movable(registered: Registered) -> Iterable[str]:
    """The tags of a name that do not mean one version for ever."""
    return (LATEST, *sorted(registered.labels))
