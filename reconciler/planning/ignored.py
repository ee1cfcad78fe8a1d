"""What the configuration says and nobody is to act on: `ignore_changes`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from reconciler.model.definition import Definition
from reconciler.model.details import Details
from reconciler.model.lifecycle import ALL
from reconciler.model.state import Record
from reconciler.planning.decide import Situation
from reconciler.planning.late import with_part

# Which parts of a definition an argument makes; an argument that is not here makes the part of its own name.
_PARTS: Mapping[str, tuple[str, ...]] = {
    "image": ("image", "base"),
    "pip": ("packages",),
    "requirements_file": ("packages", "options", "constraints", "files"),
    "conda_file": ("conda", "packages", "options", "constraints", "files"),
    "conda": ("conda", "packages", "options", "constraints", "files"),
    "python_version": ("python",),
    "interpreter_path": ("interpreter",),
    "docker_steps": ("steps",),
    "build": ("context",),
    "debian": ("debian", "bases"),
}
_DEFINITION = frozenset(field.name for field in fields(Definition))
_DETAILS = frozenset(field.name for field in fields(Details))
_EVERYTHING = (*_DEFINITION, *_DETAILS, "description", "tags")


def with_ignored(situation: Situation) -> Situation:
    """The situation as it would be had the ignored arguments stayed what they were when they were last recorded."""
    ignored = situation.environment.lifecycle.ignore_changes
    if not ignored or situation.prior is None:
        return situation
    record = situation.prior.latest
    for name in _EVERYTHING if ignored == (ALL,) else ignored:
        situation = _kept(situation, record, *name.partition(".")[::2])
    return situation


def _kept(situation: Situation, record: Record, name: str, part: str) -> Situation:
    environment, definition = situation.environment, situation.definition
    if name in environment.late and not part:
        environment = replace(environment, late=environment.late - {name})
    if name == "description":
        return replace(situation, environment=replace(environment, description=record.description))
    if name == "tags":
        tags = with_part(environment.tags, record.tags, part)
        return replace(situation, environment=replace(environment, tags=tags))
    if name in _DETAILS:
        now, before = getattr(environment.details, name), getattr(record.details, name)
        changed: dict[str, Any] = {name: with_part(now, before, part) if part else before}
        details = replace(environment.details, **changed)
        return replace(situation, environment=replace(environment, details=details))
    if definition.debian and name in ("packages", "manylinux_libraries"):
        name = "debian"  # all packages of a release are chosen together
    parts = {one: getattr(record.definition, one) for one in _PARTS.get(name, (name,)) if one in _DEFINITION}
    kept_definition = replace(definition, **parts)
    if kept_definition == definition:
        return situation
    # neither what is recorded nor what is declared: nobody knows what its image will be
    image = record.image if kept_definition == record.definition else None
    return replace(situation, definition=kept_definition, image=image)
