"""What was changed of versions after they were registered. No values are kept: what was taken out is to be gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING

from reconciler.model.details import Details
from reconciler.model.frozen import dataclass

if TYPE_CHECKING:
    from reconciler.model.state import Record

_KEPT = 20
ARCHIVED, RESTORED = "archived", "restored"


@dataclass(frozen=True, slots=True)
class Edit:
    """When it was, by which command, and what: paths such as `tags.team`; or that it was `archived` or `restored`."""

    at: str
    by: str
    what: tuple[str, ...]


def edited(old: Record, new: Record, at: str, by: str, more: tuple[str, ...] = ()) -> tuple[Edit, ...]:
    """The edits of a version that becomes another, with this one: the last of them, for a record stays small."""
    what = (*more, *_what(old, new))
    return (*old.edits, Edit(at, by, what))[-_KEPT:] if what else old.edits


def _what(old: Record, new: Record) -> Iterator[str]:
    if old.archived != new.archived:
        yield ARCHIVED if new.archived else RESTORED
    if old.depends_on != new.depends_on:
        yield "depends_on"
    if old.description != new.description:
        yield "description"
    yield from _keys("tags", old.tags, new.tags)
    for one in fields(Details):
        was, now = getattr(old.details, one.name), getattr(new.details, one.name)
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            yield from _keys(one.name, was, now)
        elif was != now:
            yield one.name


def _keys(name: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    yield from (f"{name}.{key}" for key in sorted({**old, **new}) if old.get(key) != new.get(key))
