"""What is to be removed from a registry, and what was."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.digest import Digest
from reconciler.model.garbage import Collected, Garbage, Unneeded
from reconciler.model.number_text import counted
from reconciler.rendering.escape import safe
from reconciler.rendering.locks import size_text
from reconciler.rendering.tables import plain_table

NOTHING = "Nothing to remove: every image is needed."


def collection_text(found: Collected, registry: str) -> str:
    """What would go, line by line, and what would stay though one might expect otherwise."""
    lines = [NOTHING] if found.is_nothing else [*_going(found, registry)]
    return "".join(f"{line}\n" for line in [*lines, *_staying(found)])


def removed_text(done: Collected) -> str:
    """What is gone."""
    what = [counted(done.images, "image")]
    if done.decision.released:
        what.append(counted(sum(map(len, done.decision.released.values())), "archived version"))
    if done.garbage is None:
        return f"Removed {_listed(what)}. Room for more is there once the registry has collected its garbage.\n"
    return f"Removed {_listed(what)}; {_room(done.garbage)} free again.\n"


def _going(found: Collected, registry: str) -> Iterator[str]:
    yield f"In {safe(registry)} nobody needs:"
    yield ""
    nameless = found.garbage.nameless if found.garbage else ()
    rows = [*map(_row, found.decision.names), *map(_nameless, nameless)]
    if rows:
        yield from (f"  {line}" for line in plain_table(("image", "digest", "why"), rows).split("\n"))
        yield ""
    if found.garbage is None:
        yield f"{counted(found.images, 'image')} would go."
    else:
        files = counted(len(found.garbage.files), "file")
        yield f"{counted(found.images, 'image')} and {files} would go: {_room(found.garbage)} free again."


def _staying(found: Collected) -> Iterator[str]:
    if found.garbage and found.garbage.young:
        files = counted(len(found.garbage.young), "file")
        room = size_text(sum(found.garbage.young.values()))
        yield f"{files} ({room}) that nothing names may be in use by somebody who pushes: too young to go."
    if found.young:
        yield f"{counted(found.young, 'name')} would go that {_are(found.young)} not old enough."
    if found.ageless:
        yield f"{counted(found.ageless, 'name')} would go, but this registry does not tell how old they are."
    if found.decision.strangers:
        names = counted(found.decision.strangers, "name")
        verbs = ("belongs", "stays") if found.decision.strangers == 1 else ("belong", "stay")
        lists = "`envform plan -orphans` lists them, `envform gc -orphans` removes them."
        yield f"{names} {verbs[0]} to no record and {verbs[1]}: {lists}"


def _row(one: Unneeded) -> tuple[str, str, str]:
    why = "archived" if one.archived else "no record has it"
    kept = ", its image stays" if one.alone else ""
    return safe(f"{one.repository}:{one.tag}"), one.digest.short, why + kept


def _nameless(digest: Digest) -> tuple[str, str, str]:
    return "", digest.short, "has no name"


def _room(garbage: Garbage) -> str:
    size = sum(garbage.files.values())
    return f"{size_text(size)} {'are' if size != 1 else 'is'}"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _listed(what: list[str]) -> str:
    return " and ".join(what)
