"""Tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reconciler.model.beside import Read
from reconciler.model.plan import Action, Change, Plan
from reconciler.rendering.changes import symbol
from reconciler.rendering.contents import HASH_DIGITS
from reconciler.rendering.escape import safe
from reconciler.rendering.style import Style


def plain_table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns with a heading and two blanks between them; nothing is taken for a number."""
    from tabulate import tabulate

    table: str = tabulate([*rows], headers=headers, tablefmt="plain", disable_numparse=True)
    return "\n".join(line.rstrip() for line in table.split("\n"))


def summary_table(plan: Plan, style: Style) -> str:
    """One line for each environment that changes: what happens, version and hash from and to, its image."""
    reads = [(symbol(Action.READ, style), safe(read.address), *_told(read), "") for read in plan.reads]
    rows = [*reads, *(_row(change, style) for change in plan.work)]
    return plain_table(("", "environment", "version", "hash", "image"), rows)


def orphans_table(plan: Plan) -> str:
    """Where each image lies that no record owns, and which it is."""
    rows = [(safe(one.repository), safe(one.tag), one.image.short if one.image else "unknown") for one in plan.orphans]
    return plain_table(("repository", "tag", "digest"), rows)


def _row(change: Change, style: Style) -> tuple[str, str, str, str, str]:
    before, after = change.before, change.after or change.before
    version = _moved(before.version if before else "", after.version if after else "")
    hashed = _moved(before.hash[:HASH_DIGITS] if before else "", after.hash[:HASH_DIGITS] if after else "")
    return symbol(change.action, style), safe(change.address), version, hashed, change.image.value


def _told(read: Read) -> tuple[str, str]:
    return safe(str(read.values.get("version", ""))), str(read.values.get("hash", ""))[:HASH_DIGITS]


def _moved(old: str, new: str) -> str:
    return safe(new) if old in ("", new) else f"{safe(old)} -> {safe(new)}"
