"""Registered environments, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.model.definition import Lock
from reconciler.model.digest import Digest
from reconciler.model.environment import Environment
from reconciler.model.frozen import dataclass
from reconciler.model.origin import How, Origin
from reconciler.model.state import Record, Registered
from reconciler.rendering.body import Body
from reconciler.rendering.contents import contents
from reconciler.rendering.escape import safe
from reconciler.rendering.locks import resolved, size_text
from reconciler.rendering.style import Style
from reconciler.rendering.tables import plain_table
from reconciler.rendering.values import Value, quoted

Locks = Mapping[Digest, Lock]
Version = tuple[Registered, Record]
_ORIGINS: Mapping[How, str] = {
    "built": "built",
    "engine": "built by a Docker engine",
    "rebased": "rebased from",
    "registry": "found in the registry under its hash",
    "ready": "registered as it is",
    "imported": "imported as it was published",
}
_NOTHING = "No environments are registered here.\n"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a record does not say of its version: how large the image is, who stands on it, and how it was built."""

    layers: int = 0
    size: int = 0
    used_by: tuple[str, ...] = ()
    log: str = ""


def list_text(found: Sequence[Version], locks: Locks, nothing: str = "") -> str:
    """A line for each version; `nothing` is what to say where there are others, and none that are looked for."""
    if not found:
        return f"{nothing}\n" if nothing else _NOTHING
    archived = any(record.archived for _, record in found)
    labelled = any(record.details.labels for _, record in found)
    also = [*(["archived"] if archived else []), *(["labels"] if labelled else [])]
    headers = ["name", "version", "created", "image", "packages", *also, "description"]
    rows = [
        [
            safe(registered.name),
            safe(record.version),
            safe(record.created),
            record.image.short,
            str(len(resolved(locks.get(record.lock)))),
            *(["yes" if record.archived else ""] if archived else []),
            *([safe(", ".join(record.details.labels))] if labelled else []),
            safe(record.description),
        ]
        for registered, record in found
    ]
    return plain_table(headers, rows) + "\n"


def version_text(registered: Registered, record: Record, locks: Locks, around: Surroundings, style: Style) -> str:
    """One version as a block; digests and hashes are whole."""
    others = [one.version for one in registered.versions if one is not record]
    beside: dict[str, Value] = {
        "archived": record.archived,
        "created": record.created,
        "depends_on": [str(one) for one in record.depends_on],
        "layers": around.layers,
        "lock": record.lock,
        "log": around.log,
        "other_versions": others,
        "origin": origin_text(record.origin) if record.origin else "",
        "packages": resolved(locks.get(record.lock)),
        "size": size_text(around.size) if around.size else "",
        "used_by": list(around.used_by),
        "verified": record.verified,
    }
    values = {**contents(registered.name, record), **{name: value for name, value in beside.items() if value}}
    lines = [
        style.bold(f"# {safe(registered.name)}:{safe(record.version)}, {_where(registered)}:"),
        f"{registered.address.kind} {quoted(registered.address.label)} {{",
        *Body(style, entire=True).block(values, values, depth=0),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _where(registered: Registered) -> str:
    """At which address; what no file declares any more, or ever did, is not said to be declared there."""
    if registered.address.is_registered:
        return f"at {safe(registered.address)}, declared in no file"
    archived = all(record.archived for record in registered.versions)
    return f"{'archived, last ' if archived else ''}declared at {safe(registered.address)}"


def version_json(registered: Registered, record: Record, locks: Locks, around: Surroundings) -> dict[str, Value]:
    """The same for programs: all that is known, what is empty too."""
    return {
        **entry_json(registered, record, locks),
        "definition": contents(registered.name, record),
        "depends_on": [str(one) for one in record.depends_on],
        "lock": record.lock,
        "layers": around.layers or None,
        "size": around.size or None,
        "used_by": list(around.used_by),
        "log": around.log or None,
        "origin": _origin(record.origin),
        "verified": record.verified or None,
        "versions": [one.version for one in registered.versions],
    }


def origin_text(origin: Origin) -> str:
    """How a version came by its image, in a few words."""
    return f"{_ORIGINS[origin.how]} {origin.image}" if origin.image else _ORIGINS[origin.how]


def _origin(origin: Origin | None) -> Value:
    return {"how": origin.how, "image": origin.image} if origin else None


def entry_json(registered: Registered, record: Record, locks: Locks) -> dict[str, Value]:
    """One version in a list."""
    return {
        "name": registered.name,
        "version": record.version,
        "latest": record is registered.latest,
        "address": str(registered.address),
        "archived": record.archived,
        "created": record.created,
        "description": record.description,
        "tags": dict(record.tags),
        "labels": list(record.details.labels),
        "hash": record.hash,
        "digest": record.image,
        "image": record.definition.image,
        "base_digest": record.definition.base,
        "packages": resolved(locks.get(record.lock)),
    }


def curated_text(found: Sequence[Environment]) -> str:
    """A line for each environment that comes with envform."""
    rows = [[one.name, one.version or "", one.image, str(len(one.contents.packages)), one.description] for one in found]
    return plain_table(["name", "version", "base image", "packages", "description"], rows) + "\n"


def curated_json(one: Environment) -> dict[str, Value]:
    """The same for programs."""
    return {
        "name": one.name,
        "version": one.version,
        "description": one.description,
        "image": one.image,
        "pip": [*one.contents.options, *one.contents.packages],
    }
