"""Which version a definition is, or would become."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.model.digest import Digest
from reconciler.model.observation import Observation
from reconciler.model.publication import LATEST
from reconciler.model.sharing import REFERRERS, number, unrecorded
from reconciler.model.state import Registered

Published = Mapping[str, Digest | None]


def published_elsewhere(name: str, prior: Registered | None, seen: Observation) -> Published:
    """Versions in the registry that nobody has recorded here: another project's, or those of a state that is lost."""
    return unrecorded(prior, seen.repositories.get(name, {}))


def next_version(prior: Registered | None, published: Published, image: Digest | None) -> str:
    """The version that envform gives: the newest one that is published with this very image, else one above all."""
    recorded = _highest(record.version for record in prior.versions) if prior else 0
    same = [tag for tag, digest in published.items() if image and digest == image and number(tag) > recorded]
    if same:
        return max(same, key=number)
    return str(max(recorded, _highest(published)) + 1)


def newest(tags: Iterable[str]) -> str:
    """The highest of the numbered versions, where there are any; else the last in the order of texts, or nothing."""
    versions = [tag for tag in tags if tag != LATEST and not tag.startswith(REFERRERS)]
    return max(versions, key=lambda tag: (number(tag), tag), default="")


def _highest(versions: Iterable[str]) -> int:
    return max(map(number, versions), default=0)
