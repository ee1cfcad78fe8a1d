"""A whole plan, or a whole state, as one JSON document in Terraform's shape."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import cast

from reconciler.model.address import Address
from reconciler.model.beside import Checked
from reconciler.model.definition import Lock
from reconciler.model.digest import Digest
from reconciler.model.plan import OutputChange, Plan
from reconciler.model.state import RecordedOutput, Registered, State
from reconciler.rendering.change_json import Json, known, resource_change, resource_drift, resource_parts, resource_read
from reconciler.rendering.changes import read_values
from reconciler.rendering.contents import contents
from reconciler.rendering.escape import safe_json
from reconciler.rendering.locks import resolved
from reconciler.rendering.output_values import type_json

FORMAT = "1.0"


def plan_document(plan: Plan, version: str) -> str:
    """A plan for programs: one line, a newline at its end."""
    return _written(
        {
            "format_version": FORMAT,
            "envform_version": version,
            "registry": plan.registry,
            "workspace": plan.workspace,
            "variables": {name: _variable(one) for name, one in sorted(plan.variables.items())},
            "planned_values": _values(_planned(plan), {one.name: one.after for one in plan.outputs}, plan.outputs),
            "resource_drift": [resource_drift(change) for change in plan.drift],
            "resource_changes": [
                *(resource_read(read) for read in plan.reads),
                *(resource_change(change) for change in plan.changes),
            ],
            "output_changes": {change.name: output_change(change) for change in plan.outputs},
            "prior_state": {
                "format_version": FORMAT,
                "envform_version": version,
                "values": _values(_prior(plan), {one.name: one.before for one in plan.outputs}),
            },
            **_configuration(plan),
            "orphans": [{"repository": one.repository, "tag": one.tag, "digest": one.image} for one in plan.orphans],
            "checks": [_check(one) for one in plan.checks],
            "timestamp": plan.created,
            "mode": plan.mode,
            "targets": list(plan.targets),
            "applyable": not plan.errored and bool(plan.work or plan.output_changes),
            "complete": not (plan.errored or plan.targets),
            "errored": plan.errored,
        }
    )


def _configuration(plan: Plan) -> dict[str, Json]:
    """What is declared; a plan that was saved by an older version has nothing of it."""
    if not plan.configuration:
        return {}
    taken = [{"resource": address, "attribute": [*way]} for address, way in plan.relevant]
    module = cast("Mapping[str, Json]", plan.configuration)
    return {"configuration": {"root_module": module}, "relevant_attributes": taken}


def _variable(given: RecordedOutput) -> dict[str, Json]:
    """The value, unless nobody may see it: then Terraform's own form would show it, and ours says why it does not."""
    return {"sensitive": True} if given.sensitive else {"value": given.value}


def _check(one: Checked) -> dict[str, Json]:
    address = f"check.{one.name}"
    problems = {"problems": [{"message": problem} for problem in one.problems]} if one.problems else {}
    return {
        "address": {"kind": "check", "name": one.name, "to_display": address},
        "status": one.status,
        "instances": [{"address": {"to_display": address}, "status": one.status, **problems}],
    }


def state_document(state: State, version: str) -> str:
    """A state for programs; where nothing was recorded yet, only the version of its form."""
    if not state.lineage:
        return _written({"format_version": FORMAT})
    resources = [_recorded(registered, state.locks) for registered in state.environments.values()]
    resources.sort(key=lambda resource: (str(resource["address"]), str(resource["environment"])))
    values = _values(resources, state.outputs)
    return _written({"format_version": FORMAT, "envform_version": version, "values": values})


def output_change(change: OutputChange) -> dict[str, Json]:
    """One output; of sensitive ones nobody has the value."""
    before, after = change.before, change.after
    value: dict[str, Json] = {"after": after.value if after else None} if change.known else {}
    return {
        "actions": [output_action(change)],
        "before": before.value if before else None,
        **value,
        "after_unknown": not change.known,
        "before_sensitive": bool(before and before.sensitive),
        "after_sensitive": bool(after and after.sensitive),
    }


def output_action(change: OutputChange) -> str:
    """What happens to an output."""
    if not change.changes:
        return "no-op"
    if change.before is None:
        return "create"
    return "update" if change.after else "delete"


def output_json(output: RecordedOutput, *, known: bool = True) -> dict[str, Json]:
    """What an output is; value and type only where they may be seen and are known."""
    if output.sensitive or not known:
        return {"sensitive": output.sensitive}
    return {"sensitive": False, "type": type_json(output), "value": output.value}


def _values(
    resources: Iterable[Json], outputs: Mapping[str, RecordedOutput | None], changes: Sequence[OutputChange] = ()
) -> Json:
    unknown = {change.name for change in changes if not change.known}
    shown = {name: output_json(one, known=name not in unknown) for name, one in sorted(outputs.items()) if one}
    return {"outputs": shown, "root_module": {"resources": [*resources]}}


def _planned(plan: Plan) -> list[Json]:
    reads = ((Address(one.address), read_values(one)) for one in plan.reads)
    made = ((one.address, contents(one.name, one.after)) for one in plan.changes if one.after)
    return [
        {**resource_parts(address), "schema_version": 1, "values": known(values)}
        for address, values in chain(reads, made)
    ]


def _prior(plan: Plan) -> list[Json]:
    return [
        {**resource_parts(one.address), "schema_version": 1, "values": contents(one.recorded_name, one.before)}
        for one in plan.changes
        if one.before
    ]


def _recorded(registered: Registered, locks: Mapping[Digest, Lock]) -> dict[str, Json]:
    record = registered.latest
    values = {
        **contents(registered.name, record),
        "archived": record.archived,
        "created": record.created,
        "packages": resolved(locks.get(record.lock)),
        "versions": [one.version for one in registered.versions],
    }
    return {
        **resource_parts(registered.address),
        "environment": registered.name,
        "schema_version": 1,
        "values": values,
        "depends_on": [str(address) for address in record.depends_on],
    }


def _written(document: Mapping[str, Json]) -> str:
    return safe_json(json.dumps(document, ensure_ascii=True, separators=(",", ":"), sort_keys=False)) + "\n"
