"""Events as JSON, one object a line, in the shape of Terraform's machine-readable output."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.event import (
    ApplyFinished,
    ChangeFailed,
    ChangeFinished,
    ChangeProgressed,
    ChangeSkipped,
    ChangeStarted,
    Drifted,
    Event,
    PlanFinished,
    Planned,
    Told,
)
from reconciler.model.plan import Action, Change, Counts, Plan
from reconciler.rendering.diagnostics import diagnostic_json
from reconciler.rendering.plan import summary_lines
from reconciler.rendering.progress import apply_summary
from reconciler.rendering.style import Style

UI_VERSION = "1.0"


def json_line(event: Event, timestamp: str) -> str:
    """One event as one line."""
    level, message, kind, content = _parts(event)
    return _line(level, message, kind, timestamp, content)


def version_line(version: str, timestamp: str) -> str:
    """The first line of every stream: who writes it, and in which version of its form."""
    return _line("info", f"envform {version}", "version", timestamp, {"envform": version, "ui": UI_VERSION})


def _line(level: str, message: str, kind: str, timestamp: str, content: dict[str, Any]) -> str:
    head = {"@level": level, "@message": message, "@module": "envform.ui", "@timestamp": timestamp, "type": kind}
    return json.dumps(head | content, ensure_ascii=True)


def _parts(event: Event) -> tuple[str, str, str, dict[str, Any]]:
    match event:
        case Drifted(change):
            return (
                "info",
                f"{change.address}: Drift detected",
                "resource_drift",
                {"change": _change(change, drift=True)},
            )
        case Planned(change):
            message = f"{change.address}: Plan to {change.action.value}"
            return "info", message, "planned_change", {"change": _change(change, drift=False)}
        case PlanFinished(plan):
            return "info", summary_lines(plan, Style.plain())[0], "change_summary", {"changes": _counts(plan)}
        case Told(diagnostic):
            return _diagnostic(diagnostic)
        case ApplyFinished(added, changed, destroyed):
            counts = {"add": added, "change": changed, "remove": destroyed, "operation": "apply"}
            level = "error" if event.failed else "warn" if event.skipped else "info"
            return level, apply_summary(event, Style.plain()), "change_summary", {"changes": counts}
        case _:
            return _hook(event)


def _hook(
    event: ChangeStarted | ChangeProgressed | ChangeFinished | ChangeFailed | ChangeSkipped,
) -> tuple[str, str, str, dict[str, Any]]:
    address = event.address
    match event:
        case ChangeStarted(_, action):
            return "info", f"{address}: {action.value} started", "apply_start", _hooked(address, action)
        case ChangeProgressed(_, step, done, total):
            hook = {"resource": _resource(address), "step": step, "done": done, "total": total}
            return "info", f"{address}: {step}", "apply_progress", {"hook": hook}
        case ChangeFinished(_, action, version, image, seconds):
            done_hook = _hooked(address, action, version=version, image=image, elapsed_seconds=round(seconds, 3))
            return "info", f"{address}: {action.value} complete", "apply_complete", done_hook
        case ChangeFailed(_, action, _):
            return "error", f"{address}: {action.value} failed", "apply_errored", _hooked(address, action)
        case ChangeSkipped(_, action, because):
            return "warn", f"{address}: skipped", "apply_skipped", _hooked(address, action, because=because)


def _hooked(address: Address, action: Action, **more: Any) -> dict[str, Any]:
    return {"hook": {"resource": _resource(address), "action": action.value, **more}}


def _diagnostic(diagnostic: Diagnostic) -> tuple[str, str, str, dict[str, Any]]:
    error = diagnostic.severity is Severity.ERROR
    message = f"{'Error' if error else 'Warning'}: {diagnostic.summary}"
    return "error" if error else "warn", message, "diagnostic", {"diagnostic": diagnostic_json(diagnostic)}


def _resource(address: Address) -> dict[str, str]:
    return {"addr": address, "resource": address, "resource_type": "environment", "resource_name": address.label}


def _change(change: Change, *, drift: bool) -> dict[str, Any]:
    reasons = change.drift if drift else change.reasons
    return {
        "resource": _resource(change.address),
        "name": change.name,
        "action": change.action.value,
        "image": change.image.value,
        "reasons": [asdict(reason) for reason in reasons],
        "version": {"before": change.before and change.before.version, "after": change.after and change.after.version},
        "hash": {"before": change.before and change.before.hash, "after": change.after and change.after.hash},
    }


def _counts(plan: Plan) -> dict[str, Any]:
    counts = Counts.of(plan)
    images = {
        "build": counts.build,
        "rebase": counts.rebase,
        "cached": counts.cached,
        "unchanged": counts.unchanged,
    }
    return {"add": counts.add, "change": counts.change, "remove": counts.destroy, "operation": "plan", "images": images}
