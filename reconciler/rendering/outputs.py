"""Outputs: what changes in them, and what they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.model.plan import OutputChange, Plan
from reconciler.model.state import RecordedOutput
from reconciler.rendering.body import Body
from reconciler.rendering.escape import safe, safe_line
from reconciler.rendering.style import Style
from reconciler.rendering.values import ABSENT, SENSITIVE, UNKNOWN, Value, kind, spelled

_MARKED = "will be marked as sensitive and will not\n  # display in UI output after applying this change."
_UNMARKED = "will no longer be marked as sensitive\n  # after applying this change."


def output_lines(plan: Plan, style: Style) -> Iterator[str]:
    """The outputs that change, names aligned; nothing where none does."""
    changes = plan.output_changes
    if not changes:
        return
    yield style.bold("Changes to Outputs:")
    yield from _warnings(changes)
    before = {change.name: _before(change) for change in changes}
    after = {change.name: _after(change) for change in changes}
    yield from Body(style).attributes(before, after, 0, [change.name for change in changes])


def outputs_text(outputs: Mapping[str, RecordedOutput], style: Style) -> str:
    """What is recorded of the outputs, as after an apply; empty where there are none."""
    if not outputs:
        return ""
    return f"{style.bold(style.green('Outputs:'))}\n\n{values_text(outputs)}"


def values_text(outputs: Mapping[str, RecordedOutput]) -> str:
    """Each output as an assignment."""
    values = {name: "<sensitive>" if one.sensitive else written(one.value, 0) for name, one in outputs.items()}
    return "".join(f"{safe(name)} = {value}\n" for name, value in sorted(values.items()))


def _warnings(changes: tuple[OutputChange, ...]) -> Iterator[str]:
    for change in changes:
        if change.before and change.after and change.before.sensitive != change.after.sensitive:
            what = _MARKED if change.after.sensitive else _UNMARKED
            yield f"  # Warning: {safe(change.name)} {what}"


def _before(change: OutputChange) -> Value:
    if change.before is None:
        return ABSENT
    value: Value = change.before.value
    if not change.before.sensitive:
        return value
    # A sensitive value is not kept, so where it is not known yet nobody can tell that it stays.
    return SENSITIVE if change.known else UNKNOWN


def _after(change: OutputChange) -> Value:
    if change.after is None:
        return ABSENT
    if change.after.sensitive:
        return SENSITIVE
    value: Value = change.after.value if change.known else UNKNOWN
    return value


def written(value: Value, depth: int) -> str:
    """A value as HCL over as many lines as it needs."""
    margin, end = "  " * (depth + 1), "  " * depth
    if isinstance(value, Mapping):
        items = [f"{margin}{spelled(key)} = {written(one, depth + 1)}\n" for key, one in sorted(value.items())]
        return f"{{\n{''.join(items)}{end}}}" if items else "{}"
    if isinstance(value, list | tuple):
        items = [f"{margin}{written(one, depth + 1)},\n" for one in value]
        return f"[\n{''.join(items)}{end}]" if items else "[]"
    if kind(value) == "string" and "\n" in str(value):
        lines = [f"{safe_line(line)}\n" for line in str(value).removesuffix("\n").split("\n")]
        return f"<<EOT\n{''.join(lines)}EOT"
    return spelled(value)
