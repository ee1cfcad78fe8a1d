"""Recorded outputs for programs: with their types, as Terraform spells them, or bare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.state import RecordedOutput


def outputs_json(outputs: Mapping[str, RecordedOutput]) -> dict[str, Any]:
    """By name the value with its type, and whether it is sensitive."""
    return {
        name: {"sensitive": output.sensitive, "type": type_json(output), "value": output.value}
        for name, output in sorted(outputs.items())
    }


def raw_text(output: RecordedOutput | None) -> str:
    """A text, number or truth value as it is; EnvformError for anything else."""
    value = output.value if output else None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    detail = (
        "With -raw one output is printed as it is, so it must be named, and be a text, a number or a truth value. "
        "Use -json for others."
    )
    raise EnvformError(Diagnostic.error("Output cannot be printed raw", detail))


def type_json(output: RecordedOutput) -> Any:
    """The type of an output; where none is recorded, that which its value has in JSON."""
    return type_by_itself(output.value) if output.type is None else output.type


def type_by_itself(value: object) -> Any:
    """The type that a value from JSON has when nothing else is known of it."""
    if value is None:
        return "dynamic"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Mapping):
        return ["object", {key: type_by_itself(item) for key, item in value.items()}]
    return ["tuple", [type_by_itself(item) for item in value]] if isinstance(value, list | tuple) else "dynamic"
