"""Events as lines for people who watch."""

from __future__ import annotations

from reconciler.model.event import (
    ApplyFinished,
    ChangeContinues,
    ChangeFailed,
    ChangeFinished,
    ChangeProgressed,
    ChangeSkipped,
    ChangeStarted,
    Event,
)
from reconciler.model.plan import Action
from reconciler.rendering.escape import safe
from reconciler.rendering.style import Style

_BAR = 20
_DOING = {
    Action.CREATE: ("Creating", "Creation"),
    Action.NEW_VERSION: ("Registering", "Registration"),
    Action.UPDATE: ("Updating", "Update"),
    Action.REPAIR: ("Repairing", "Repair"),
    Action.RESTORE: ("Restoring", "Restoring"),
    Action.ARCHIVE: ("Archiving", "Archiving"),
    Action.DELETE: ("Deleting", "Deletion"),
    Action.FORGET: ("Forgetting", "Forgetting"),
    Action.IMPORT: ("Importing", "Import"),
    Action.READ: ("Reading", "Read"),
}


def progress_line(event: Event, style: Style) -> str | None:
    """The line for an event; None for those that are shown elsewhere."""
    match event:
        case ChangeStarted(address, action):
            return f"{style.bold(safe(address))}: {_DOING[action][0]}..."
        case ChangeContinues(address, action, seconds):
            return f"{style.bold(safe(address))}: Still {_DOING[action][0].lower()}... [{seconds:.0f}s elapsed]"
        case ChangeProgressed(address, step, done, total):
            amount = f" {done}/{total}" if total else ""
            return f"{style.bold(safe(address))}: {safe(step)}{amount}"
        case ChangeFinished(address, action, version, image, seconds):
            what = f"version={safe(version)} digest={image.short}"
            return f"{style.bold(safe(address))}: {_DOING[action][1]} complete after {seconds:.0f}s [{what}]"
        case ChangeFailed(address, action, _):
            return f"{style.bold(safe(address))}: {style.red(f'{_DOING[action][1]} failed')}"
        case ChangeSkipped(address, _, because):
            return f"{style.bold(safe(address))}: Skipped ({safe(because)})"
        case _:
            return None


def running_line(event: ChangeStarted | ChangeProgressed, seconds: float) -> str:
    """What is being done at an address, how far it is, and since when."""
    head = f"{safe(event.address)}: [{seconds:.0f}s elapsed]"
    if isinstance(event, ChangeStarted):
        return f"{head} {_DOING[event.action][0]}..."
    step = safe(event.step).strip()
    if not event.total:
        return f"{head} {step}"
    filled = min(_BAR, _BAR * event.done // event.total)
    return f"{head} {step} [{'#' * filled}{'-' * (_BAR - filled)}] {event.done}/{event.total}"


def apply_summary(event: ApplyFinished, style: Style) -> str:
    """The closing line of an apply."""
    what = "Destroy" if event.destroying else "Apply"
    imported = f"{event.imported} imported, " if event.imported else ""
    forgotten = f", {event.forgotten} forgotten" if event.forgotten else ""
    counts = f"{imported}{event.added} added, {event.changed} changed, {event.destroyed} destroyed{forgotten}."
    if event.destroying and counts == f"0 added, 0 changed, {event.destroyed} destroyed.":
        counts = f"{event.destroyed} destroyed."
    if event.skipped and not event.failed:
        return f"{style.bold(style.yellow(f'{what} interrupted.'))} Finished before that: {counts}"
    if event.failed:
        return f"{style.bold(style.red(f'{what} failed.'))} Finished before that: {counts}"
    return f"{style.bold(style.green(f'{what} complete!'))} Resources: {counts}"
