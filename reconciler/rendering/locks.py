"""What of a lock is worth saying: which packages move, and how much there is to fetch."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.model.definition import Artefact, Lock
from reconciler.model.digest import Digest
from reconciler.model.number_text import counted
from reconciler.model.plan import Change, ImageOutcome, PackagesUpgraded
from reconciler.rendering.values import Map, Value

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def resolved(lock: Lock | None, other: Lock | None = None) -> Map:
    """The version of each package; with its build where only that differs from the one in another lock."""
    theirs = {artefact.name: artefact for artefact in other.artefacts} if other else {}
    artefacts = lock.artefacts if lock else ()
    return Map({artefact.name: _version(artefact, theirs.get(artefact.name)) for artefact in artefacts})


def _version(artefact: Artefact, other: Artefact | None) -> str:
    alike = other is not None and other.version == artefact.version and other.digest != artefact.digest
    return artefact.exact if alike else artefact.version


def locked_packages(change: Change) -> tuple[Value, Value] | None:
    """The packages before and after, where both are known and something moves between them."""
    after = change.after.lock if change.after else None
    if change.lock_before and after:
        old, new = resolved(change.lock_before, after), resolved(after, change.lock_before)
        return (old, new) if old != new else None
    moved = [
        package for reason in change.reasons if isinstance(reason, PackagesUpgraded) for package in reason.packages
    ]
    if not moved:
        return None
    before = Map({package.name: package.old for package in moved if package.old})
    return before, Map({package.name: package.new for package in moved if package.new})


def running_scripts(change: Change) -> tuple[str, ...]:
    """The packages for whose scripts a Docker engine is wanted, where the image is to be built."""
    lock = change.after.lock if change.after else None
    return lock.scripted if lock and change.image is ImageOutcome.BUILD else ()


def to_fetch(changes: Iterable[Change]) -> dict[Digest, Artefact]:
    """What images that are to be built need, and the locks before them did not."""
    found: dict[Digest, Artefact] = {}
    held: set[Digest] = set()
    for change in changes:
        if change.image is ImageOutcome.BUILD and change.after and change.after.lock:
            held.update(artefact.digest for artefact in (change.lock_before.artefacts if change.lock_before else ()))
            found.update({one.digest: one for one in change.after.lock.artefacts if _is_far(one)})
    return {digest: artefact for digest, artefact in found.items() if digest not in held}


def _is_far(artefact: Artefact) -> bool:
    """Whether it must be fetched: the project's own files are here."""
    return "://" in artefact.url or artefact.kind == "deb"


def download_text(artefacts: Iterable[Artefact]) -> str:
    """How many packages, and how much that is where neither this machine nor the registry knows any of them."""
    sizes = [artefact.size for artefact in artefacts]
    if not sizes:
        return ""
    total = size_text(sum(sizes))
    amount = f"at most {total}" if all(sizes) else f"more than {total}" if any(sizes) else "an unknown amount"
    return f"{amount} in {counted(len(sizes), 'package')}"


def size_text(count: int) -> str:
    """So many bytes, in the unit in which people compare them."""
    amount, unit = float(count), 0
    while amount >= 1024 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{amount:.1f} {_UNITS[unit]}" if unit else f"{count} B"
