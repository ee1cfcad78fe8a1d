"""What expressions may say of an environment because it is written in the configuration."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.language.environments import Examined
from reconciler.language.lookups import attributes
from reconciler.language.value import UNKNOWN, Value, mark


def written(found: Examined) -> Mapping[str, Value]:
    """Every attribute, null where nothing is written; what was sensitive stays so."""
    given, known = found.filled.arguments, attributes(found.filled.declaration.rule.type)
    values: dict[str, Value] = {
        **dict.fromkeys(known),
        "description": "",
        "tags": {},
        **{name: value for name, value in given.items() if name in known and value is not None},
        **dict.fromkeys(found.filled.unknown & known, UNKNOWN),
        "name": found.name,
        "platform": found.described.platform,
        "compat_hash": found.described.details.compat_hash or None,
    }
    for name in found.filled.sensitive:
        whole, _, key = name.partition(".")
        part = values.get(whole)
        if key and isinstance(part, Mapping):
            values[whole] = {**part, key: mark(part[key], True)}
        elif whole in values:
            values[whole] = mark(part, True)
    return values
