"""Packages of base images that are not seen in what is built on them, told where somebody may count on them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reconciler.model.diagnostic import Diagnostic
from reconciler.model.plan import ImageOutcome

if TYPE_CHECKING:
    from reconciler.builders.layers.base_python import BaseReader
    from reconciler.model.definition import Definition
    from reconciler.model.digest import Digest
    from reconciler.model.plan import Change, Desired, Plan

_SHOWN = 4


def hidden_packages(plan: Plan) -> Iterator[Diagnostic]:
    """One for each base, as far as anybody has looked into it on this machine: nothing is asked for or read.

    Where nothing is to be built nobody has: what reads bases is not even imported then.
    """
    if not any(change.image is ImageOutcome.BUILD for change in plan.work):
        return
    found: dict[tuple[str, Digest], list[tuple[Change, frozenset[str]]]] = {}
    for change in plan.work:
        after = change.after
        if after and after.definition.base and _begins(change, after):
            brought = frozenset(one.name for one in after.lock.artefacts) if after.lock else frozenset()
            found.setdefault((after.definition.image, after.definition.base), []).append((change, brought))
    if not found:
        return
    reader = _reader()
    for (image, digest), changes in found.items():
        try:
            facts = reader.known(digest)
        except (OSError, sqlite3.Error):
            return
        if facts and not facts.installed:  # what an environment of ours brings is seen above it
            yield from _told(image, facts.packages, changes)


def _begins(change: Change, after: Desired) -> bool:
    """Whether it has packages on this image for the first time: nobody wants to be told with each package more."""
    if change.image not in (ImageOutcome.BUILD, ImageOutcome.REUSE) or not _brings(after.definition):
        return False
    before = change.before.definition if change.before else None
    return before is None or before.image != after.definition.image or not _brings(before)


def _brings(definition: Definition) -> bool:
    return bool(definition.packages or definition.conda) and not definition.needs_engine


def _reader() -> BaseReader:
    from reconciler.builders.layers.base_python import BaseReader
    from reconciler.builders.layers.cache import Cache
    from reconciler.session.parts import cache_folder

    return BaseReader(Cache(cache_folder()))


def _told(image: str, own: tuple[str, ...], changes: list[tuple[Change, frozenset[str]]]) -> Iterator[Diagnostic]:
    names = [name for name in own if any(name not in brought for _, brought in changes)]
    if not names:
        return
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    addresses = [str(change.address) for change, _ in changes]
    others = f" and {len(addresses) - 1} more" if len(addresses) > 1 else ""
    detail = (
        f"`{image}` has Python packages of its own that `{addresses[0]}`{others} will not see: "
        f"{', '.join(names[:_SHOWN])}{more}. An environment has the packages that it names, and what these need."
    )
    yield Diagnostic.warning("Packages of the base image are not visible", detail)
