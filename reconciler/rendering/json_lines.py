"""Events as JSON, one object a line, in the shape of Terraform's machine-readable output."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.model.address import Address
from reconciler.model.counts import Counts
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.event import (
    ApplyFinished,
    ChangeContinues,
    ChangeFailed,
    ChangeFinished,
    ChangeProgressed,
    ChangeSkipped,
    ChangeStarted,
    Drifted,
    Event,
    PlanFinished,
    Planned,
    ReadPlanned,
    Told,
)
from reconciler.model.plan import Action, Change, Moved, Plan
from reconciler.model.state import RecordedOutput
from reconciler.rendering.change_json import (
    Json,
    actions,
    difference,
    particulars,
    resource_drift,
    resource_parts,
    resource_read,
)
from reconciler.rendering.diagnostics import diagnostic_json
from reconciler.rendering.documents import output_action, output_json
from reconciler.rendering.escape import safe_json
from reconciler.rendering.locks import to_fetch
from reconciler.rendering.plan import summary_lines
from reconciler.rendering.progress import apply_summary
from reconciler.rendering.style import PLAIN

UI_VERSION = "1.0"


def json_lines(event: Event, timestamp: str) -> Iterator[str]:
    """An event as a line; the end of a plan or an apply has another, where there are outputs."""
    yield stream_line(*_parts(event), timestamp)
    outputs = _outputs(event)
    if outputs:
        yield stream_line("info", f"Outputs: {len(outputs)}", "outputs", {"outputs": outputs}, timestamp)


def version_line(version: str, timestamp: str) -> str:
    """The first line of every stream: who writes it, and in which version of its form."""
    return stream_line("info", f"envform {version}", "version", {"envform": version, "ui": UI_VERSION}, timestamp)


def stream_line(level: str, message: str, kind: str, content: Mapping[str, Any], timestamp: str) -> str:
    """One object of the stream, with what all of them begin with."""
    head = {"@level": level, "@message": message, "@module": "envform.ui", "@timestamp": timestamp, "type": kind}
    return safe_json(json.dumps({**head, **content}, ensure_ascii=True))


def _outputs(event: Event) -> dict[str, Json]:
    match event:
        case PlanFinished(plan):
            return {
                change.name: {
                    "sensitive": bool((change.after or change.before or RecordedOutput()).sensitive),
                    "action": output_action(change),
                }
                for change in plan.output_changes
            }
        case ApplyFinished(outputs=outputs):
            return {name: output_json(output) for name, output in sorted(outputs.items())}
        case _:
            return {}


def _parts(event: Event) -> tuple[str, str, str, dict[str, Any]]:
    match event:
        case Drifted(change):
            return (
                "info",
                f"{change.address}: Drift detected",
                "resource_drift",
                {"change": {"resource": resource_json(change.address), "action": "update", **_drift(change)}},
            )
        case Planned(change):
            message = f"{change.address}: Plan to {change.action.value}"
            return "info", message, "planned_change", {"change": _planned(change)}
        case ReadPlanned(read):
            planned = {**resource_read(read), "resource": resource_json(Address(read.address))}
            return "info", f"{read.address}: Plan to read", "planned_change", {"change": planned}
        case PlanFinished(plan):
            return "info", summary_lines(plan, PLAIN)[0], "change_summary", {"changes": _counts(plan)}
        case Told(diagnostic):
            return _diagnostic(diagnostic)
        case ApplyFinished(added, changed, destroyed):
            counts = {
                "add": added,
                "change": changed,
                "import": event.imported,
                "remove": destroyed,
                "forget": event.forgotten,
                "operation": "destroy" if event.destroying else "apply",
            }
            level = "error" if event.failed else "warn" if event.skipped else "info"
            return level, apply_summary(event, PLAIN), "change_summary", {"changes": counts}
        case _:
            return _hook(event)


def _hook(
    event: ChangeStarted | ChangeProgressed | ChangeContinues | ChangeFinished | ChangeFailed | ChangeSkipped,
) -> tuple[str, str, str, dict[str, Any]]:
    address = event.address
    match event:
        case ChangeStarted(_, action):
            return "info", f"{address}: {action.value} started", "apply_start", _hooked(address, action)
        case ChangeContinues(_, action, seconds):
            message = f"{address}: still at {action.value} [{seconds:.0f}s elapsed]"
            return "info", message, "apply_progress", _hooked(address, action, elapsed_seconds=round(seconds))
        case ChangeProgressed(_, step, done, total):
            hook = {"resource": resource_json(address), "step": step, "done": done, "total": total}
            return "info", f"{address}: {step}", "apply_progress", {"hook": hook}
        case ChangeFinished(_, action, version, image, seconds):
            done_hook = _hooked(address, action, version=version, image=image, elapsed_seconds=round(seconds, 3))
            return "info", f"{address}: {action.value} complete", "apply_complete", done_hook
        case ChangeFailed(_, action, _):
            return "error", f"{address}: {action.value} failed", "apply_errored", _hooked(address, action)
        case ChangeSkipped(_, action, because):
            return "warn", f"{address}: skipped", "apply_skipped", _hooked(address, action, because=because)


def _hooked(address: Address, action: Action, **more: Any) -> dict[str, Any]:
    return {"hook": {"resource": resource_json(address), "action": action.value, **more}}


def _diagnostic(diagnostic: Diagnostic) -> tuple[str, str, str, dict[str, Any]]:
    error = diagnostic.severity is Severity.ERROR
    message = f"{'Error' if error else 'Warning'}: {diagnostic.summary}"
    return "error" if error else "warn", message, "diagnostic", {"diagnostic": diagnostic_json(diagnostic)}


def resource_json(address: Address) -> dict[str, Json]:
    """What an object of the stream is about."""
    parts = resource_parts(address)
    return {
        "addr": str(address),
        "module": "",
        "resource": str(address),
        "implied_provider": "envform",
        "resource_type": address.kind,
        "resource_name": address.label,
        "resource_key": parts.get("index"),
    }


def _planned(change: Change) -> dict[str, Json]:
    moved = [reason for reason in change.reasons if isinstance(reason, Moved)]
    previous: dict[str, Json] = {"previous_resource": resource_json(moved[0].old)} if moved else {}
    return {
        "resource": resource_json(change.address),
        **previous,
        **particulars(change),
        "actions": actions(change),
        **difference(change),
    }


def _drift(change: Change) -> dict[str, Json]:
    drift = resource_drift(change)
    sides = drift["change"]
    return {"reasons": drift["reasons"], **(sides if isinstance(sides, Mapping) else {})}


def _counts(plan: Plan) -> dict[str, Any]:
    counts = Counts.of(plan)
    images = {
        "build": counts.build,
        "rebase": counts.rebase,
        "cached": counts.cached,
        "unchanged": counts.unchanged,
    }
    return {
        "add": counts.add,
        "change": counts.change,
        "import": counts.imported,
        "remove": counts.destroy,
        "forget": counts.forgotten,
        "operation": "plan",
        "images": images,
        "download": sum(artefact.size for artefact in to_fetch(plan.work).values()),
        "errored": plan.errored,
    }
