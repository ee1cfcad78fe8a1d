"""What nobody needs any more in a workspace's registry. Pure: what is recorded and what is there come from outside."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from reconciler.model.digest import Digest
from reconciler.model.garbage import Decision, Unneeded
from reconciler.model.pattern import lazy_pattern
from reconciler.model.publication import CACHE, expected_tags
from reconciler.model.state import Record, Registered

_HASH = lazy_pattern(r"[0-9a-f]{32}")

Tag = tuple[str, str]


def released(
    environments: Iterable[Registered], keep: int, before: str, bases: Collection[Tag]
) -> Mapping[str, tuple[Record, ...]]:
    """Archived versions that are not among the newest so many of their name, by name: those made before a moment.

    One stays where another record is built on it: `bases` are the names that records stand on.
    """
    found: dict[str, tuple[Record, ...]] = {}
    for registered in environments:
        old = registered.versions[: max(0, len(registered.versions) - max(1, keep))]
        going = tuple(
            record
            for record in old
            if record.archived
            and (not before or record.created < before)
            and not any(key in bases for key in ((CACHE, record.hash), (registered.name, record.version)))
        )
        if going:
            found[registered.name] = going
    return found


def without(registered: Registered, going: Collection[Record]) -> Registered:
    """The same without these versions."""
    return replace(registered, versions=tuple(one for one in registered.versions if one not in going))


def decide(
    kept: Iterable[Registered],
    going: Mapping[str, tuple[Record, ...]],
    bases: Collection[Tag],
    tags: Mapping[Tag, Digest],
    *,
    orphans: bool = False,
) -> Decision:
    """Hashes that no record owns, and names of what is released; with `orphans` all names that no record owns.

    Whatever any other name means stays.
    """
    owned: set[Tag] = set(bases)
    images: set[Digest] = set()
    for registered in kept:
        expected = expected_tags(registered)
        owned.update(expected)
        images.update(expected.values())
    leaving = {
        (name, word): record.image
        for name, records in going.items()
        for record in records
        for word in (record.version, *record.details.labels)
    }
    archived = {key for key, image in leaving.items() if key not in owned and tags.get(key) == image}
    candidates = archived | {key for key in tags if (orphans or _is_ours(key)) and key not in owned}
    needed = images | {digest for key, digest in tags.items() if key not in candidates}
    strangers = sum(1 for key in tags if key not in owned and key not in candidates)
    return Decision(tuple(_names(candidates, archived, needed, tags)), strangers, going)


def _names(
    candidates: Collection[Tag], archived: Collection[Tag], needed: Collection[Digest], tags: Mapping[Tag, Digest]
) -> Iterator[Unneeded]:
    for key in sorted(candidates):
        digest = tags[key]
        if key in archived or digest not in needed:
            yield Unneeded(*key, digest, archived=key in archived, alone=digest in needed)


def _is_ours(key: Tag) -> bool:
    """Nobody but envform names an image by a hash in the cache; every other name there is somebody's."""
    return key[0] == CACHE and _HASH.fullmatch(key[1]) is not None
