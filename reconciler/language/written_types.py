"""Types written down: as consoles show them, and as programs read them."""

from __future__ import annotations

from reconciler.language.types import COLLECTIONS, Type
from reconciler.model.intent import Json

_STEP = 4


def type_to_hcl(type_: Type, indent: int | None = None) -> str:
    """The type on one line; with `indent` over several, as Terraform's console lays them out."""
    if type_.kind == "any":
        return "dynamic"
    if type_.kind in COLLECTIONS:
        element = type_to_hcl(type_.element, None if indent is None else indent + _STEP)
        if indent is None or "\n" not in element:
            return f"{type_.kind}({element})"
        return _framed(f"{type_.kind}(", [element], ")", indent)
    inner = None if indent is None else indent + _STEP
    if type_.kind == "tuple":
        return _framed("tuple([", [type_to_hcl(part, inner) for part in type_.parts], "])", indent)
    if type_.kind == "object":
        named = [f"{key}: {type_to_hcl(part, inner)}" for key, part in zip(type_.keys, type_.parts, strict=True)]
        return _framed("object({", named, "})", indent)
    return type_.kind


def type_to_json(type_: Type) -> Json:
    """The type as Terraform writes types in JSON: `["list", "string"]`."""
    if type_.kind in COLLECTIONS:
        return (type_.kind, type_to_json(type_.element))
    if type_.kind == "tuple":
        return ("tuple", tuple(map(type_to_json, type_.parts)))
    if type_.kind == "object":
        return ("object", {key: type_to_json(part) for key, part in sorted(type_.attributes.items())})
    return "dynamic" if type_.kind == "any" else type_.kind


def _framed(opener: str, parts: list[str], closer: str, indent: int | None) -> str:
    if indent is None or not parts:
        return f"{opener}{', '.join(parts)}{closer}"
    margin = " " * (indent + _STEP)
    return "\n".join([opener, *(f"{margin}{part}," for part in parts), " " * indent + closer])
