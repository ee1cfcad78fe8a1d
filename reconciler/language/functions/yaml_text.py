"""Values as YAML, byte for byte as Terraform writes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reconciler.language.functions.json_text import encoded
from reconciler.language.functions.signature import too_long
from reconciler.language.functions.yaml_scalars import block, is_block, is_long_key, quoted
from reconciler.language.scope import MAXIMUM_TEXT
from reconciler.language.value import Value

_STEP = 2


def yaml_text(value: Value) -> str:
    """The value as a document in block style, keys sorted."""
    text = _whole_lines(_node(value, -_STEP, 0))
    return text if isinstance(value, (str, tuple, Mapping)) else f"{text}...\n"


def _node(value: Value, indent: int, column: int) -> str:
    """A value after a dash, a colon or nothing; structures in it are indented one step more."""
    inner = max(indent, -_STEP) + _STEP
    if isinstance(value, str):
        scalar = inner or _STEP
        return block(value, scalar) if is_block(value) else quoted(value, scalar, column)
    if isinstance(value, Mapping) and value:
        return _mapping(value, inner)
    if isinstance(value, tuple) and value:
        return _sequence(value, inner)
    return encoded(value)


def _sequence(items: Sequence[Value], indent: int) -> str:
    return _lines((f"- {_node(item, indent, indent + 2)}" for item in items), indent)


def _mapping(items: Mapping[str, Value], indent: int) -> str:
    return _lines((_pair(key, items[key], indent) for key in sorted(items)), indent)


def _pair(key: str, value: Value, indent: int) -> str:
    margin = " " * indent
    if is_long_key(key):
        return f"? {_whole_lines(_node(key, indent, indent + 2))}{margin}: {_node(value, indent, indent + 2)}"
    name = quoted(key, indent, indent, fold=False) + ":"
    if isinstance(value, tuple) and value:
        return f"{name}\n{margin}{_sequence(value, indent)}"
    if isinstance(value, Mapping) and value:
        return f"{name}\n{margin}{' ' * _STEP}{_mapping(value, indent + _STEP)}"
    return f"{name} {_node(value, indent, indent + len(name) + 1)}"


def _lines(parts: Iterator[str], indent: int) -> str:
    """The parts, each on a line of its own; whoever asks has indented the first."""
    found: list[str] = []
    length = 0
    for part in parts:
        found.append(_whole_lines(part))
        length += len(part)
        if length > 2 * MAXIMUM_TEXT:
            raise too_long()
    return (" " * indent).join(found)


def _whole_lines(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"
