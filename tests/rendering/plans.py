"""Plans made by hand, for what rendering must be able to show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reconciler.model.address import Address
from reconciler.model.definition import Definition
from reconciler.model.digest import Digest
from reconciler.model.plan import Action, Change, Desired, ImageOutcome, OutputChange, Plan, Reason
from reconciler.model.state import Record, RecordedOutput

BASE = Digest.of(b"base")
OTHER = Digest.of(b"other")
DEFINITION = Definition("registry.example.com/base:1", BASE, "linux/amd64", ("numpy==1.26", "torch==2.1"))


def record(definition: Definition = DEFINITION, **more: Any) -> Record:
    """What the state has of a first version."""
    return replace(Record("1", definition.hash, definition, BASE, BASE, "2026-01-01T00:00:00Z"), **more)


def desired(definition: Definition = DEFINITION, **more: Any) -> Desired:
    """What is to be; nobody knows its image yet."""
    return replace(Desired("1", definition.hash, definition, None, "", {}), **more)


def change(
    action: Action = Action.CREATE,
    *reasons: Reason,
    key: str | None = None,
    image: ImageOutcome = ImageOutcome.BUILD,
    before: Record | None = None,
    after: Desired | None = None,
) -> Change:
    """One change of `environment.a`."""
    name = f"a-{key}" if key else "a"
    return Change(Address.of("a", key), name, action, image, reasons, before, after)


def creation(key: str | None = None) -> Change:
    """A new environment."""
    return change(key=key, after=desired())


def unchanged(key: str | None = None) -> Change:
    """One that stays as it is."""
    return change(Action.NOTHING, key=key, image=ImageOutcome.NONE, before=record(), after=desired(image=BASE))


def plan(*changes: Change, **more: Any) -> Plan:
    """A plan of these changes."""
    return replace(Plan("lineage", "oci:registry", "default", changes), **more)


def output(name: str, before: object, after: object, **more: Any) -> OutputChange:
    """An output with these values; None: there is none on that side."""
    sides = [None if value is None else RecordedOutput(value) for value in (before, after)]
    return OutputChange(name, sides[0], sides[1], **more)
