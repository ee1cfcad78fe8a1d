"""One change as a block of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from reconciler.model.plan import Action, Change, ImageOutcome, MetadataChanged, Moved
from reconciler.rendering.body import NAMING, Body
from reconciler.rendering.contents import DEFINING, contents, short
from reconciler.rendering.escape import safe
from reconciler.rendering.locks import download_text, locked_packages, to_fetch
from reconciler.rendering.reasons import reason_text
from reconciler.rendering.style import Style
from reconciler.rendering.values import Value, quoted

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
_SHOWN = NAMING | {"version"}
_FORCES = {
    ImageOutcome.BUILD: "forces rebuild",
    ImageOutcome.REBASE: "forces rebase",
    ImageOutcome.REUSE: "forces new version",
    ImageOutcome.NONE: "forces new version",
}
_GREEN, _RED = {Action.CREATE}, {Action.ARCHIVE, Action.DELETE}

Contents = Mapping[str, Value]


def symbol(action: Action, style: Style) -> str:
    """The action's mark, in the colour of what it does."""
    colour = style.green if action in _GREEN else style.red if action in _RED else style.yellow
    return colour(SYMBOLS[action])


def change_lines(change: Change, style: Style) -> Iterator[str]:
    """The headline, the reasons, and the attributes that change."""
    yield f"  # {_headline(change, style)}"
    yield from (f"  # ({text})" for text in _remarks(change))
    yield f"  {symbol(change.action, style)} environment {quoted(change.address.label)} {{"
    before, after = sides(change)
    yield from Body(style, _SHOWN, _notes(change), entire=change.action is Action.IMPORT).block(before, after)
    yield "    }"


def sides(change: Change) -> tuple[Contents, Contents]:
    """What stood there, and what will; equal where the image alone is repaired, or the record forgotten."""
    before = contents(change.recorded_name, change.before, short) if change.before else {}
    after = contents(change.name, change.after, short) if change.after else {}
    if change.action is Action.DELETE:
        return before, {}
    if change.action in (Action.ARCHIVE, Action.RESTORE):
        archived = change.action is Action.ARCHIVE
        return {**before, "archived": not archived}, {**(after or before), "archived": archived}
    if change.action is Action.IMPORT:
        return before or after, after or before
    packages = locked_packages(change)
    if packages:
        return {**before, "packages": packages[0]}, {**(after or before), "packages": packages[1]}
    return before, after or before


def headline(change: Change, spell: Callable[[str], str] = safe) -> str:
    """What will happen to the environment, after its address; `spell` makes a user's words harmless."""
    version = spell(change.after.version) if change.after else ""
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
        Action.NOTHING: "stays as it is",
    }[change.action]


def _headline(change: Change, style: Style) -> str:
    moved = _only_moved(change)
    if moved:
        return f"{style.bold(safe(moved.old))} has moved to {style.bold(safe(change.address))}"
    return f"{style.bold(safe(change.address))} {headline(change)}"


def _only_moved(change: Change) -> Moved | None:
    if change.action is not Action.UPDATE or any(isinstance(reason, MetadataChanged) for reason in change.reasons):
        return None
    return next((reason for reason in change.reasons if isinstance(reason, Moved)), None)


def _remarks(change: Change) -> Iterator[str]:
    """Why, where the block below does not tell it, and what it costs."""
    moved = _only_moved(change)
    for reason in change.reasons:
        if not isinstance(reason, MetadataChanged) and reason is not moved:
            yield reason_text(reason, change)
    if amount := download_text(to_fetch([change]).values()):
        yield f"download: {amount}"


def _notes(change: Change) -> Mapping[str, str]:
    return dict.fromkeys(DEFINING, _FORCES[change.image]) if change.action is Action.NEW_VERSION else {}
