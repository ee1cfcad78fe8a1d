"""Why something is planned: the chain of reasons from one address down to where it begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.model.address import Address
from reconciler.model.plan import Action, Change, DefinitionChanged, ImageOutcome, MetadataChanged, Plan
from reconciler.model.written import written_path
from reconciler.rendering.changes import READ, headline, read_reason
from reconciler.rendering.escape import safe
from reconciler.rendering.locks import running_scripts
from reconciler.rendering.reasons import reason_line
from reconciler.rendering.style import Style

_IMAGES = {
    ImageOutcome.BUILD: "Its image will be built.",
    ImageOutcome.REBASE: "Its layers are put on the new base; nothing is built.",
    ImageOutcome.REUSE: "Its image is in the registry already, under its hash.",
    ImageOutcome.NONE: "Its image stays as it is.",
}


def explanation(plan: Plan, addresses: frozenset[str], style: Style) -> str:
    """A paragraph for each address, with what it stands on below it where that changes too."""
    changes: dict[Address, Change] = {}
    for change in plan.changes:
        changes.setdefault(change.address, change)
    wanted = [change for change in plan.changes if change.address in addresses]
    read = [
        f"{style.bold(safe(one.address))} {READ}\n  - {read_reason(one)}"
        for one in plan.reads
        if one.address in addresses
    ]
    parts = [*read, *("\n".join(_told(change, changes, style, 0, set())) for change in wanted)]
    return "\n\n".join(parts) + "\n"


def _told(
    change: Change, changes: Mapping[Address, Change], style: Style, depth: int, seen: set[Address]
) -> Iterator[str]:
    margin = "    " * depth
    yield f"{margin}{style.bold(safe(change.address))} {_what(change)}"
    if change.address in seen:
        return
    seen.add(change.address)
    for reason in change.reasons:
        yield f"{margin}  - {reason_line(reason, change)}"
        if isinstance(reason, DefinitionChanged | MetadataChanged):
            yield from (f"{margin}      {line}" for line in _paths(change, reason.paths))
    if change.action is not Action.NOTHING and change.after:
        yield f"{margin}  {_IMAGES[change.image]}"
        if names := running_scripts(change):
            yield f"{margin}  A Docker engine does that, for packages run scripts: {safe(', '.join(names))}."
    for below in change.depends_on:
        if below in changes and changes[below].action is not Action.NOTHING:
            yield f"{margin}  It stands on:"
            yield from _told(changes[below], changes, style, depth + 1, seen)


def _what(change: Change) -> str:
    if change.action is not Action.NOTHING:
        return headline(change)
    record = change.before
    if record is None:
        return "does not change."
    since = f"version {safe(record.version)} since {safe(record.created)}, hash {record.hash[:12]}"
    return f"does not change: {since}, image {record.image.short}."


def _paths(change: Change, paths: tuple[str, ...]) -> Iterator[str]:
    """What stood at a path of the definition, and what will."""
    if change.before is None or change.after is None:
        return
    old, new = change.before.definition.form, change.after.definition.form
    for path in paths:
        was, will = _at(old, path), _at(new, path)
        if was is not None or will is not None:
            yield f"{safe(written_path(path))}: {_spelled(was)} -> {_spelled(will)}"


def _at(form: object, path: str) -> object:
    for step in path.replace("[", ".[").split("."):
        try:
            form = form[int(step[1:-1]) if step.startswith("[") else step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return form


def _spelled(value: object) -> str:
    if value is None:
        return "(nothing)"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(_spelled, value)) + "]"
    return safe(str(value))
