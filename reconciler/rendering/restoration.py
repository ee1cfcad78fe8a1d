"""What is found of a state that is lost, before it is recorded anew."""

from __future__ import annotations

from reconciler.model.restoration import How, Restoration, Restored
from reconciler.rendering.escape import safe
from reconciler.rendering.tables import plain_table

_SHOWN = 3
_HOW: dict[How, str] = {
    "declared": "",
    "written": "written into {file}",
    "program": "registered by a program",
    "archived": "archived",
    "recorded": "on record with other versions",
}


def restoration_text(found: Restoration, registry: str, file: str) -> str:
    """A line for each environment."""
    rows = [_row(one, safe(file)) for one in found.environments]
    table = plain_table(("name", "versions", "latest", "created", "address", ""), rows)
    lines = "\n".join(f"  {line}".rstrip() for line in table.split("\n"))
    return f"Found in {safe(registry)}, and not on record:\n\n{lines}\n\n{counted(found)}.\n"


def counted(found: Restoration) -> str:
    """How much it is."""
    versions, environments = sum(len(one.added) for one in found.environments), len(found.environments)
    return f"{versions} {_plural('version', versions)} of {environments} {_plural('environment', environments)}"


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def _row(one: Restored, file: str) -> tuple[str, ...]:
    latest = one.registered.latest
    names = [safe(version) for version in one.added]
    versions = ", ".join(names) if len(names) <= _SHOWN else f"{names[0]} ... {names[-1]} ({len(names)})"
    how = _HOW[one.how].format(file=file)
    return safe(one.registered.name), versions, safe(latest.version), latest.created, safe(one.registered.address), how
