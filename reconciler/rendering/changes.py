"""One change as a block of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from reconciler.model.address import Address
from reconciler.model.beside import Read
from reconciler.model.plan import Action, Change, ImageOutcome, MetadataChanged, Moved
from reconciler.rendering.body import NAMING, Body
from reconciler.rendering.contents import DEFINING, HASH_DIGITS, contents, short
from reconciler.rendering.escape import safe
from reconciler.rendering.locks import download_text, locked_packages, running_scripts, to_fetch
from reconciler.rendering.reasons import reason_text
from reconciler.rendering.style import Style
from reconciler.rendering.values import UNKNOWN, Map, Value, quoted

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
    Action.READ: "<=",
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
    Action.READ: "read (data)",
}
_SHOWN = NAMING | {"version"}
_FORCES = {
    ImageOutcome.BUILD: "forces rebuild",
    ImageOutcome.REBASE: "forces rebase",
    ImageOutcome.REUSE: "forces new version",
    ImageOutcome.NONE: "forces new version",
}
_GREEN, _RED = {Action.CREATE}, {Action.ARCHIVE, Action.DELETE}

READ = "will be read during apply"

Contents = Mapping[str, Value]


def symbol(action: Action, style: Style) -> str:
    """The action's mark, in the colour of what it does."""
    if action is Action.READ:
        return style.cyan(SYMBOLS[action])
    colour = style.green if action in _GREEN else style.red if action in _RED else style.yellow
    return colour(SYMBOLS[action])


def margin(action: Action) -> str:
    """The blanks before a mark, so that all end in one column."""
    return " " * (3 - len(SYMBOLS[action]))


def change_lines(change: Change, style: Style) -> Iterator[str]:
    """The headline, the reasons, and the attributes that change."""
    yield f"  # {_headline(change, style)}"
    yield from (f"  # ({text})" for text in _remarks(change))
    yield f"  {symbol(change.action, style)} {change.address.kind} {quoted(change.address.label)} {{"
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
        Action.READ: READ,
        Action.NOTHING: "stays as it is",
    }[change.action]


def read_lines(read: Read, style: Style) -> Iterator[str]:
    """The headline, why it must wait, and what is known of it already."""
    yield f"  # {style.bold(safe(read.address))} {READ}"
    yield f"  # ({read_reason(read)})"
    label = quoted(Address(read.address).label)
    yield f'{margin(Action.READ)}{symbol(Action.READ, style)} data "environment" {label} {{'
    values = read_values(read)
    brief = {name: _brief(value) for name, value in values.items() if name in ("digest", "hash")}
    yield from Body(style, _SHOWN).block({}, {**values, **brief})
    yield "    }"


def _brief(value: Value) -> Value:
    """A digest or hash as people compare it."""
    return value.removeprefix("sha256:")[:HASH_DIGITS] if isinstance(value, str) else value


def read_reason(read: Read) -> str:
    """Why data cannot be looked up before, in Terraform's words where it has them."""
    if read.because == "config_unknown":
        return "config refers to values not yet known"
    return "depends on an environment with changes pending"


def read_values(read: Read) -> Contents:
    """What planning tells of it, and that the rest is not known."""
    told = {name: Map(value) if isinstance(value, Mapping) else value for name, value in read.values.items()}
    return {**told, **dict.fromkeys(read.unknown, UNKNOWN)}


def _headline(change: Change, style: Style) -> str:
    moved = only_moved(change)
    if moved:
        return f"{style.bold(safe(moved.old))} has moved to {style.bold(safe(change.address))}"
    return f"{style.bold(safe(change.address))} {headline(change)}"


def only_moved(change: Change) -> Moved | None:
    """The move, where nothing else changes."""
    if change.action is not Action.UPDATE or any(isinstance(reason, MetadataChanged) for reason in change.reasons):
        return None
    return next((reason for reason in change.reasons if isinstance(reason, Moved)), None)


def _remarks(change: Change) -> Iterator[str]:
    """Why, where the block below does not tell it, and what it costs."""
    moved = only_moved(change)
    for reason in change.reasons:
        if not isinstance(reason, MetadataChanged) and reason is not moved:
            yield reason_text(reason, change)
    if names := running_scripts(change):
        yield f"built by a Docker engine, for packages run scripts: {safe(', '.join(names))}"
    if amount := download_text(to_fetch([change]).values()):
        yield f"download: {amount}"


def _notes(change: Change) -> Mapping[str, str]:
    if change.action is not Action.NEW_VERSION:
        return {}
    # Those of a base image are declared; elsewhere they are what `pip` and its like resolve to.
    declared = change.after is not None and change.after.definition.debian is not None
    return dict.fromkeys(DEFINING if declared else DEFINING - {"packages"}, _FORCES[change.image])
