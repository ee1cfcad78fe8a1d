"""Files that more than one wheel brings: pip lets the one that is installed last win, and so do we."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from graphlib import TopologicalSorter
from itertools import pairwise

from reconciler.builders.layers.contents import Contents
from reconciler.builders.layers.zip_directory import WheelError
from reconciler.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Collision:
    """A path with unequal content in several wheels; the last of them wins."""

    path: str
    names: tuple[str, ...]

    @property
    def winner(self) -> str:
        """Whose file it is in the end."""
        return self.names[-1]


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Collisions, and by name of a package the paths that somebody else brings: the same, or better ones."""

    collisions: tuple[Collision, ...]
    ceded: Mapping[str, Collection[str]]


def overlaps(contents: Mapping[str, Contents]) -> Overlaps:
    """What packages in the order of their installation bring more than once; WheelError where no order helps."""
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for name, content in contents.items():
        for path in content.files:
            owners[path].append(name)
    _check_tree(owners)
    shared = {path: names for path, names in owners.items() if len(names) > 1}
    ceded: defaultdict[str, set[str]] = defaultdict(set)
    found = []
    for path, names in sorted(shared.items()):
        for name in names[:-1]:
            ceded[name].add(path)
        if len({contents[name].files[path] for name in names}) > 1:
            found.append(Collision(path, tuple(names)))
    return Overlaps(tuple(found), ceded)


def ordered(names: Sequence[str], collisions: Sequence[Collision]) -> list[str]:
    """Names bottom first: by name, but losers below those who win over them."""
    below: dict[str, set[str]] = {name: set() for name in names}
    for collision in collisions:
        inside = [name for name in collision.names if name in below]
        for lower, upper in pairwise(inside):
            below[upper].add(lower)
    sorter = TopologicalSorter(below)
    sorter.prepare()
    waiting: list[str] = []
    order: list[str] = []
    while sorter.is_active():
        waiting = sorted([*waiting, *sorter.get_ready()])
        order.append(waiting.pop(0))
        sorter.done(order[-1])
    return order


def _check_tree(owners: Mapping[str, Sequence[str]]) -> None:
    """No file may stand where another file has a folder."""
    folders: dict[str, str] = {}
    for path, names in owners.items():
        slash = path.rfind("/")
        while slash > 0 and path[:slash] not in folders:
            folders[path[:slash]] = names[0]
            slash = path.rfind("/", 0, slash)
    for path, names in owners.items():
        if path in folders:
            raise WheelError(f"`/{path}` is a file of `{names[0]}` and a folder of `{folders[path]}`.")
