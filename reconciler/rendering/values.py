"""What may stand in a block that is drawn, and how single values are spelled."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum

from reconciler.rendering.escape import safe


class Marker(Enum):
    """What stands where no value does."""

    ABSENT = "absent"
    UNKNOWN = "unknown"
    SENSITIVE = "sensitive"


Value = None | bool | int | float | Decimal | str | Marker | Sequence["Value"] | Mapping[str, "Value"]

ABSENT, UNKNOWN, SENSITIVE = Marker.ABSENT, Marker.UNKNOWN, Marker.SENSITIVE


class Map(dict[str, Value]):
    """Keys that users choose: always quoted, and their values are called elements."""


class Block(dict[str, Value]):
    """A nested block: no `=`, and it stands below the attributes."""


def kind(value: Value) -> str:
    """What two values must share to be drawn as one that changed."""
    match value:
        case Marker():
            return value.value
        case None:
            return "null"
        case bool():
            return "bool"
        case str():
            return "string"
        case int() | float() | Decimal():
            return "number"
        case Mapping():
            return "object"
        case _:
            return "list"


def same(old: Value, new: Value) -> bool:
    """Whether two values are equal to a reader: True is not 1, but 1 is 1.0."""
    if old is new:
        return True
    if isinstance(old, str) or isinstance(new, str) or old != new:
        return old == new
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return all(same(old[key], new[key]) for key in old)
    if isinstance(old, Sequence) and isinstance(new, Sequence):
        return all(same(one, other) for one, other in zip(old, new, strict=True))
    return kind(old) == kind(new)


def spelled(value: Value) -> str:
    """A value of one line as HCL writes it; what is not known or not to be seen says so."""
    match value:
        case str():
            return quoted(value)
        case Marker.UNKNOWN:
            return "(known after apply)"
        case Marker.SENSITIVE:
            return "(sensitive value)"
        case Marker.ABSENT | None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return f"{value:.0f}"
        case _:
            return str(value)


def quoted(text: str) -> str:
    """A string as HCL writes it, with nothing in it that a terminal would obey."""
    if text.isascii() and text.isprintable() and not _MEANING.intersection(text):
        return f'"{text}"'
    return safe(json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{"))


# Whoever nests deeper than a drawing can, writes more of them; longer ones are not read by people anyway.
_MOST_BRACKETS = 200
_MEANING = frozenset('"\\$%#')


def structured(text: str) -> Value:
    """The object or list that a text spells as JSON, None where it spells none."""
    if not text.lstrip().startswith(("{", "[")) or text.count("[") + text.count("{") > _MOST_BRACKETS:
        return None
    try:
        found: Value = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None
