"""What is on record, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from reconciler.model.definition import Lock
from reconciler.model.digest import Digest
from reconciler.model.history import Lived
from reconciler.model.state import Record, Registered
from reconciler.rendering.body import Body
from reconciler.rendering.contents import HASH_DIGITS, contents
from reconciler.rendering.escape import safe
from reconciler.rendering.locks import resolved
from reconciler.rendering.style import Style
from reconciler.rendering.tables import plain_table
from reconciler.rendering.values import Value, quoted

Locks = Mapping[Digest, Lock]


def record_text(registered: Registered, record: Record, locks: Locks, style: Style) -> str:
    """One version as a block, as `terraform state show` draws resources; digests and hashes are whole."""
    values = {
        **contents(registered.name, record),
        **_when_set({"archived": record.archived, "depends_on": [str(one) for one in record.depends_on]}),
        **_when_set({"packages": resolved(locks.get(record.lock))}),
        "created": record.created,
        "lock": record.lock,
        "versions": [each.version for each in registered.versions],
    }
    lines = [
        style.bold(f"# {safe(registered.address)}:"),
        f"{registered.address.kind} {quoted(registered.address.label)} {{",
        *Body(style, entire=True).block(values, values, depth=0),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _when_set(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value}


def listed_json(registered: Registered) -> dict[str, Value]:
    """One environment in a list: where it is, and what its latest version is."""
    latest = registered.latest
    return {
        "address": str(registered.address),
        "name": registered.name,
        "archived": latest.archived,
        "version": latest.version,
        "hash": latest.hash,
        "digest": latest.image,
        "created": latest.created,
        "versions": [each.version for each in registered.versions],
    }


def record_json(registered: Registered, locks: Locks) -> dict[str, Value]:
    """One environment with all of its versions, oldest first."""
    versions: list[Value] = [
        {
            **contents(registered.name, record),
            "archived": record.archived,
            "created": record.created,
            "depends_on": [str(one) for one in record.depends_on],
            "lock": record.lock,
            "packages": resolved(locks.get(record.lock)),
        }
        for record in registered.versions
    ]
    return {**listed_json(registered), "versions": versions}


def history_text(lived: Sequence[Lived]) -> str:
    """A line for each version, and for what was changed of it."""
    headers = ["when", "environment", "version", "hash", "image", "change"]
    rows = [
        [
            safe(one.at),
            safe(one.registered.name),
            safe(one.record.version),
            one.record.hash[:HASH_DIGITS],
            one.record.image.short,
            safe(f"{one.change}{_standing(one)}"),
        ]
        for one in lived
    ]
    return plain_table(headers, rows) + "\n"


def _standing(lived: Lived) -> str:
    if lived.edit:
        return ""
    if lived.kept_in:
        return f" (forgotten since; {lived.kept_in} has it)"
    return " (archived)" if lived.record.archived else ""


def history_json(lived: Iterable[Lived]) -> list[Value]:
    """An object for each version, and for what was changed of it."""
    return [
        {
            "created": one.record.created,
            "address": str(one.registered.address),
            "name": one.registered.name,
            "version": one.record.version,
            "hash": one.record.hash,
            "digest": one.record.image,
            "lock": one.record.lock,
            "change": one.change,
            "archived": one.record.archived,
            "kept_in": one.kept_in or "state",
            "edit": {"at": one.edit.at, "by": one.edit.by, "what": list(one.edit.what)} if one.edit else None,
        }
        for one in lived
    ]
