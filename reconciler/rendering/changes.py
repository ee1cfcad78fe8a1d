"""One change as a block of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.model.environment import NO_CONTENTS
from reconciler.model.plan import Action, Change, Desired, ImageOutcome, MetadataChanged
from reconciler.model.state import Record
from reconciler.rendering.attributes import UNKNOWN, AttributeLines, Value, quoted
from reconciler.rendering.contents import beside, defining
from reconciler.rendering.escape import safe
from reconciler.rendering.reasons import reason_text
from reconciler.rendering.style import Style

SYMBOLS = {
    Action.CREATE: "+",
    Action.NEW_VERSION: "±",
    Action.UPDATE: "~",
    Action.REPAIR: "!",
    Action.RESTORE: "^",
    Action.ARCHIVE: "-",
    Action.DELETE: "x",
    Action.FORGET: ".",
    Action.IMPORT: "&",
}
LEGEND = {
    Action.CREATE: "create",
    Action.NEW_VERSION: "register a new version",
    Action.UPDATE: "update in-place",
    Action.REPAIR: "repair in the registry",
    Action.RESTORE: "restore from the archive",
    Action.ARCHIVE: "archive",
    Action.DELETE: "delete",
    Action.FORGET: "forget",
    Action.IMPORT: "import",
}
_SHOWN = {"name", "version"}
HASH_DIGITS = 12


def symbol(action: Action, style: Style) -> str:
    """The action's mark, in the colour of what it does."""
    colours = {Action.CREATE: style.green, Action.ARCHIVE: style.red}
    return colours.get(action, style.yellow)(SYMBOLS[action])


def change_lines(change: Change, style: Style) -> Iterator[str]:
    """The headline, the reasons, and the attributes that change."""
    yield style.bold(f"  # {safe(change.address)}") + f" {_headline(change)}"
    for reason in change.reasons:
        if not isinstance(reason, MetadataChanged):
            yield f"  # ({reason_text(reason, change)})"
    yield f"  {symbol(change.action, style)} environment {quoted(change.address.label)} {{"
    before = _recorded(change.name, change.before) if change.before else {}
    after = _desired(change.name, change.after) if change.after else before
    if change.action is Action.ARCHIVE:
        before, after = {**before, "archived": "false"}, {**after, "archived": "true"}
    yield from AttributeLines(style, _SHOWN, _forcing(change)).lines(before, after)
    yield "    }"


def _headline(change: Change) -> str:
    version = safe(change.after.version) if change.after else ""
    return {
        Action.CREATE: "will be created",
        Action.NEW_VERSION: f"will get version {version}",
        Action.UPDATE: "will be updated in-place",
        Action.REPAIR: "will be repaired",
        Action.RESTORE: "will be restored",
        Action.ARCHIVE: "will be archived",
        Action.DELETE: "will be deleted",
        Action.FORGET: "will be removed from the envform state but will not be destroyed",
        Action.IMPORT: "will be imported",
    }[change.action]


def _forcing(change: Change) -> Mapping[str, str]:
    if change.action is not Action.NEW_VERSION:
        return {}
    note = "forces rebuild" if change.image is ImageOutcome.BUILD else "forces new version"
    definition = change.after.definition if change.after else NO_CONTENTS
    return dict.fromkeys(defining(definition), note)


def _recorded(name: str, record: Record) -> Mapping[str, Value]:
    return {
        **defining(record.definition),
        **beside(record.details),
        "description": record.description,
        "digest": record.image.short,
        "hash": record.hash[:HASH_DIGITS],
        "name": name,
        "tags": record.tags,
        "version": record.version,
    }


def _desired(name: str, desired: Desired) -> Mapping[str, Value]:
    return {
        **defining(desired.definition),
        **beside(desired.details),
        "description": desired.description,
        "digest": desired.image.short if desired.image else UNKNOWN,
        "hash": desired.hash[:HASH_DIGITS],
        "name": name,
        "tags": desired.tags,
        "version": desired.version,
    }
