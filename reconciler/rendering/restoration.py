"""What is found of a state that is lost, before it is recorded anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from reconciler.model.number_text import counted
from reconciler.model.restoration import How, Restoration, Restored
from reconciler.rendering.escape import safe
from reconciler.rendering.json_lines import resource_json, stream_line
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
    return f"Found in {safe(registry)}, and not on record:\n\n{lines}\n\n{amount_text(found)}.\n"


def restoration_lines(found: Restoration, file: str, timestamp: str) -> Iterator[str]:
    """What will be put on record, in the stream of a plan."""
    for one in found.environments:
        registered = one.registered
        change = {
            "resource": resource_json(registered.address),
            "action": "import",
            "actions": ["no-op"],
            "importing": {"id": f"{registered.name}:{registered.latest.version}"},
            "environment": registered.name,
            "versions": list(one.added),
            "how": one.how,
            "written_to": file if one.how == "written" else None,
        }
        yield stream_line(
            "info", f"{registered.address}: Plan to import", "planned_change", {"change": change}, timestamp
        )
    yield _summary(found, "plan", f"Plan: {amount_text(found)} to import.", timestamp)


def restored_lines(found: Restoration, timestamp: str) -> Iterator[str]:
    """What is on record now, in the stream of an apply."""
    for one in found.environments:
        latest, address = one.registered.latest, one.registered.address
        hook = {
            "resource": resource_json(address),
            "action": "import",
            "version": latest.version,
            "image": latest.image,
            "versions": list(one.added),
        }
        yield stream_line("info", f"{address}: import complete", "apply_complete", {"hook": hook}, timestamp)
    yield _summary(found, "apply", f"Import complete! {amount_text(found)} put on record.", timestamp)


def _summary(found: Restoration, operation: Literal["plan", "apply"], message: str, timestamp: str) -> str:
    nothing = {"add": 0, "change": 0, "remove": 0, "forget": 0}
    counts: dict[str, Any] = {**nothing, "import": len(found.environments), "operation": operation}
    return stream_line("info", message, "change_summary", {"changes": counts}, timestamp)


def amount_text(found: Restoration) -> str:
    """How much it is."""
    versions = counted(sum(len(one.added) for one in found.environments), "version")
    return f"{versions} of {counted(len(found.environments), 'environment')}"


def _row(one: Restored, file: str) -> tuple[str, ...]:
    latest = one.registered.latest
    names = [safe(version) for version in one.added]
    versions = ", ".join(names) if len(names) <= _SHOWN else f"{names[0]} ... {names[-1]} ({len(names)})"
    how = _HOW[one.how].format(file=file)
    return safe(one.registered.name), versions, safe(latest.version), latest.created, safe(one.registered.address), how
