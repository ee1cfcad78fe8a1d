"""One change as the object that programs know from `terraform show -json`, and what is ours beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from reconciler.model.address import Address
from reconciler.model.beside import Read
from reconciler.model.pattern import lazy_pattern
from reconciler.model.plan import (
    Action,
    BasePatched,
    Change,
    DefinitionChanged,
    DependencyChanged,
    HollowImage,
    ImageMissing,
    Imported,
    Moved,
    NotInConfiguration,
    Reason,
    ReplaceRequested,
    TagMoved,
)
from reconciler.model.written import written_path
from reconciler.rendering.changes import read_values
from reconciler.rendering.contents import contents
from reconciler.rendering.locks import locked_packages, resolved, running_scripts
from reconciler.rendering.values import Marker, Value

Json = Value

# A new version leaves the older ones as they are, so it is no replacement: the environment at the address is updated.
_ACTIONS = {
    Action.NOTHING: "no-op",
    Action.CREATE: "create",
    Action.ARCHIVE: "delete",
    Action.DELETE: "delete",
    Action.FORGET: "forget",
    Action.IMPORT: "no-op",
}
_GONE = {
    "block": "delete_because_no_resource_config",
    "each_key": "delete_because_each_key",
    "count_index": "delete_because_count_index",
    "repetition": "delete_because_wrong_repetition",
}
_STEP = lazy_pattern(r"\[(\d+)\]|([^.\[]+)")


def resource_parts(address: Address) -> dict[str, Json]:
    """An address and what it is made of; `index` where it is one of many."""
    key = address.partition("[")[2].removesuffix("]")
    index: dict[str, Json] = {"index": json.loads(key)} if key else {}
    mode = "data" if address.is_data else "managed"
    return {"address": str(address), "mode": mode, "type": address.kind, "name": address.label, **index}


def resource_change(change: Change) -> dict[str, Json]:
    """All of a change."""
    moved = [reason for reason in change.reasons if isinstance(reason, Moved)]
    previous: dict[str, Json] = {"previous_address": str(moved[0].old)} if moved else {}
    because = next(filter(None, map(_action_reason, change.reasons)), None)
    return {
        **resource_parts(change.address),
        **previous,
        **({"action_reason": because} if because else {}),
        "change": {"actions": actions(change), **difference(change), **_asked(change)},
        **particulars(change),
    }


def resource_read(read: Read) -> dict[str, Json]:
    """Data that apply will look up, in Terraform's shape."""
    return {
        **resource_parts(Address(read.address)),
        "action_reason": f"read_because_{read.because}",
        "change": {"actions": ["read"], **_sides(None, read_values(read))},
        "action": Action.READ.value,
    }


def resource_drift(change: Change) -> dict[str, Json]:
    """What differs from the record, as a change from what was recorded to what is there."""
    before = contents(change.recorded_name, change.before) if change.before else {}
    after = {**before, **{name: value for reason in change.drift for name, value in _found(reason)}}
    return {
        **resource_parts(change.address),
        "change": {"actions": ["update"], **_sides(before, after)},
        "reasons": [reason_json(reason) for reason in change.drift],
    }


def actions(change: Change) -> list[Json]:
    """What happens, in Terraform's words."""
    return [_ACTIONS.get(change.action, "update")]


def particulars(change: Change) -> dict[str, Json]:
    """What Terraform has no words for."""
    before, after = change.before, change.after
    scripted: list[Json] = [*running_scripts(change)]
    return {
        "action": change.action.value,
        "environment": change.name,
        "image": change.image.value,
        **({"scripted_packages": scripted} if scripted else {}),
        "version": {"before": before.version if before else None, "after": after.version if after else None},
        "hash": {"before": before.hash if before else None, "after": after.hash if after else None},
        "reasons": [reason_json(reason) for reason in change.reasons],
    }


def difference(change: Change) -> dict[str, Json]:
    """What stands there before and after; what nobody knows yet is left out of `after`, and true in `after_unknown`."""
    before = contents(change.recorded_name, change.before) if change.before else None
    after = contents(change.name, change.after) if change.after else None
    if change.action in (Action.ARCHIVE, Action.DELETE, Action.FORGET):
        after = None
    if change.action is Action.RESTORE and before and after:
        before, after = {**before, "archived": True}, {**after, "archived": False}
    packages = locked_packages(change)
    if packages and before and after:
        before, after = {**before, "packages": packages[0]}, {**after, "packages": packages[1]}
    elif change.after and change.after.lock and change.after.lock.artefacts and after:
        after = {**after, "packages": resolved(change.after.lock)}
    return _sides(before, after)


def known(values: Mapping[str, Value]) -> dict[str, Json]:
    """Without what is not known yet."""
    return {name: value for name, value in values.items() if not isinstance(value, Marker)}


def reason_json(reason: Reason) -> dict[str, Json]:
    """A reason as data; places in definitions as users write them."""
    form = asdict(reason)
    if isinstance(reason, DefinitionChanged):
        form["paths"] = [written_path(path) for path in reason.paths]
    return form


def _sides(before: Mapping[str, Value] | None, after: Mapping[str, Value] | None) -> dict[str, Json]:
    unknown: dict[str, Json] = {name: True for name, value in (after or {}).items() if isinstance(value, Marker)}
    return {
        "before": before,
        "after": None if after is None else known(after),
        "after_unknown": unknown if after is not None else False,
        "before_sensitive": {} if before is not None else False,
        "after_sensitive": {} if after is not None else False,
    }


def _asked(change: Change) -> dict[str, Json]:
    """Which parts make another version, and what is imported; left out where there is nothing of it."""
    paths: list[Json] = []
    importing: dict[str, Json] = {}
    for reason in change.reasons:
        match reason:
            case DefinitionChanged() if change.action is Action.NEW_VERSION:
                paths.extend(_steps(written_path(path)) for path in reason.paths)
            case BasePatched() if change.action is Action.NEW_VERSION:
                paths.append(["base_digest"])
            case Imported(id):
                importing = {"importing": {"id": id}}
    return {**({"replace_paths": paths} if paths else {}), **importing}


def _steps(path: str) -> Sequence[Json]:
    return [int(number) if number else name for number, name in _STEP.findall(path)]


def _action_reason(reason: Reason) -> str | None:
    match reason:
        case NotInConfiguration(because):
            return _GONE[because]
        case ReplaceRequested():
            return "replace_by_request"
        case DependencyChanged():
            return "replace_by_triggers"
        case _:
            return None


def _found(reason: Reason) -> Iterator[tuple[str, Json]]:
    match reason:
        case BasePatched(new=new):
            yield "base_digest", new
        case TagMoved(found=found):
            yield "digest", found
        case ImageMissing() | HollowImage():
            yield "digest", None
