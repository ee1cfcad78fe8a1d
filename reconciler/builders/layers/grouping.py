"""Which wheels share a layer. A wheel's own size decides, never its neighbours: its layer is the same everywhere."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence

from reconciler.model.diagnostic import BuildError
from reconciler.model.frozen import dataclass

SOLO_FROM = 1 << 20
BUDGET = 40
_MOST_LAYERS = 120
_KEPT_FREE = 5
_TAKEN_BY_DOCKER = 125
_BUCKETS = 8


@dataclass(frozen=True, slots=True)
class Groups:
    """Names of packages: those with a layer each, and those that share one, bucket by bucket."""

    solos: tuple[str, ...]
    shared: tuple[tuple[str, ...], ...]


def grouped(sizes: Mapping[str, int], base_layers: int) -> Groups:
    """The layers for wheels of these sizes above a base with so many layers. Raises BuildError."""
    solos = sorted(name for name, size in sizes.items() if size >= SOLO_FROM)
    small = tuple(sorted(name for name, size in sizes.items() if size < SOLO_FROM))
    budget = max(1, min(BUDGET, _MOST_LAYERS - base_layers - _KEPT_FREE))
    kept, merged = _within(solos, sizes, budget)
    shared = _bucketed(merged, max(1, min(_BUCKETS, budget - 1)))
    groups = Groups(tuple(kept), (*shared, *([small] if small else [])))
    _check_number(base_layers, 1 + len(groups.solos) + len(groups.shared))
    return groups


def _check_number(below: int, above: int) -> None:
    """`above` counts that of the virtual environment, too."""
    if below + above > _TAKEN_BY_DOCKER:
        raise BuildError(
            "Image would have too many layers",
            f"The base image has {below} layers, and packages would put {above} more on it. Docker takes no image of "
            f"more than {_TAKEN_BY_DOCKER}. Choose a base image of fewer layers, such as one that was built anew with "
            "fewer steps.",
        )


def _within(solos: Sequence[str], sizes: Mapping[str, int], budget: int) -> tuple[list[str], list[str]]:
    """The largest keep a layer of their own; those that are to be merged."""
    if len(solos) <= budget:
        return list(solos), []
    room = max(0, budget - _BUCKETS)
    largest = set(sorted(solos, key=lambda name: (-sizes[name], name))[:room])
    return [name for name in solos if name in largest], [name for name in solos if name not in largest]


def _bucketed(names: Sequence[str], buckets: int) -> list[tuple[str, ...]]:
    """By a hash of the name, so that one more package moves no other."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for name in names:
        found[int(hashlib.sha256(name.encode()).hexdigest(), 16) % buckets].append(name)
    return [tuple(found[bucket]) for bucket in sorted(found)]
