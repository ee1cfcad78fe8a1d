"""A plan as the bytes of a plan file, and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.digest import Digest, canonical_json
from reconciler.model.plan import Plan

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FORMAT = "1.0"
_KEYS = {"format_version", "envform_version", "checksum", "plan"}


def dump_plan(plan: Plan, envform_version: str) -> bytes:
    """Everything that apply needs and no secret; the checksum covers all of it."""
    content = _adapter().dump_python(plan, mode="json")
    checksum = Digest.of(canonical_json(content))
    document = {
        "format_version": FORMAT,
        "envform_version": envform_version,
        "checksum": checksum,
        "plan": content,
    }
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def is_plan(content: bytes) -> bool:
    """Whether a file has the form of a plan, good or bad: what has not must not be overwritten by one."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and document.keys() == _KEYS


def load_plan(content: bytes, filename: str) -> Plan:
    """The plan that was saved, or an error that says why this file is none."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as cause:
        raise _unusable(filename, "it is not JSON") from cause
    if not isinstance(document, dict) or document.keys() != _KEYS:
        raise _unusable(filename, "it does not have the form of a plan")
    if document["format_version"] != FORMAT:
        version = json.dumps(document["format_version"])[:20]
        raise _unusable(filename, f"its format is {version}, and this envform reads {FORMAT}")
    return _checked(document, filename)


def _checked(document: dict[str, Any], filename: str) -> Plan:
    from pydantic import ValidationError

    if document["checksum"] != Digest.of(canonical_json(document["plan"])):
        raise _unusable(filename, "its content does not match its checksum: it was changed or damaged")
    try:
        return _adapter().validate_python(document["plan"])
    except ValidationError as cause:
        place = ".".join(str(part) for part in cause.errors()[0]["loc"])
        raise _unusable(filename, f"`{place}` in it is not what it should be") from cause


def _adapter() -> TypeAdapter[Plan]:
    from pydantic import TypeAdapter

    return TypeAdapter(Plan)


def _unusable(filename: str, why: str) -> EnvformError:
    return EnvformError(
        Diagnostic.error(
            "Plan file cannot be used",
            f"`{filename}` is not a plan that can be applied: {why}. "
            "Make a new one:\n\n    envform plan -out=changes.plan",
        )
    )
