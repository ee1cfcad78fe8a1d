"""What moves between two locks of one definition."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.definition import Lock
from reconciler.model.plan import PackageMoved


def package_moves(old: Lock, new: Lock) -> tuple[PackageMoved, ...]:
    """Packages whose files differ, by name."""
    return () if old.artefacts == new.artefacts else tuple(_moves(old, new))


def _moves(old: Lock, new: Lock) -> Iterator[PackageMoved]:
    before = {one.name: one for one in old.artefacts}
    after = {one.name: one for one in new.artefacts}
    for name in sorted(before.keys() | after.keys()):
        was, will = before.get(name), after.get(name)
        if (was and was.digest) != (will and will.digest):
            alike = was and will and was.version == will.version
            left, right = ((one.exact if alike else one.version) if one else "" for one in (was, will))
            yield PackageMoved(name, left, right)
