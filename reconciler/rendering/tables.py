"""Tables for people."""

from __future__ import annotations

from reconciler.model.plan import Change, Plan
from reconciler.rendering.changes import HASH_DIGITS, symbol
from reconciler.rendering.escape import safe
from reconciler.rendering.style import Style


def summary_table(plan: Plan, style: Style) -> str:
    """One line for each environment that changes: what happens, version and hash from and to, its image."""
    from tabulate import tabulate

    rows = [_row(change, style) for change in plan.work]
    return tabulate(
        rows, headers=("", "environment", "version", "hash", "image"), tablefmt="plain", disable_numparse=True
    )


def _row(change: Change, style: Style) -> tuple[str, str, str, str, str]:
    before, after = change.before, change.after or change.before
    version = _moved(before.version if before else "", after.version if after else "")
    hashed = _moved(before.hash[:HASH_DIGITS] if before else "", after.hash[:HASH_DIGITS] if after else "")
    return symbol(change.action, style), safe(change.address), version, hashed, change.image.value


def _moved(old: str, new: str) -> str:
    return safe(new) if old in ("", new) else f"{safe(old)} -> {safe(new)}"
