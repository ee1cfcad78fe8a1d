"""An environment written down: HCL as `envform fmt` leaves it, or YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.language.formatting.lines import format_text
from reconciler.language.sketches.sketch import Field, Section
from reconciler.language.written import quoted
from reconciler.language.yaml_documents import dump
from reconciler.language.yaml_nodes import Plain
from reconciler.model.pattern import lazy_pattern

_WORD = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_-]*")
_HOLE = lazy_pattern(r"([$%])(?=\{)")
_SHORT_LIST = 80


def hcl_text(label: str, fields: Mapping[str, Field], registry: str = "", kind: str = "environment") -> str:
    """One block, after an `envform` block where a registry is given."""
    settings = f"envform {{\nregistry = {quoted(registry)}\n}}\n\n" if registry else ""
    lines = "\n".join(_block(f"{kind} {quoted(label)}", fields))
    return format_text(f"{settings}{lines}\n")


def yaml_text(label: str, fields: Mapping[str, Field], registry: str = "") -> str:
    """The same in the YAML form."""
    settings: dict[str, Plain] = {"envform": {"registry": registry}} if registry else {}
    return dump({**settings, "environment": {label: _plain(Section(fields))}})


def _block(header: str, fields: Mapping[str, Field]) -> list[str]:
    """Arguments first, blocks after them, each with a free line before it."""
    lines = [f"{header} {{"]
    for name, value in fields.items():
        if not isinstance(value, Section):
            lines.append(f"{name} = {_expression(value)}")
    for name, value in fields.items():
        if isinstance(value, Section):
            lines += [*([""] if len(lines) > 1 else []), *_block(name, value.fields)]
    return [*lines, "}"]


def _expression(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _heredoc(value) if value.count("\n") > 1 and value.isascii() else quoted(value)
    if isinstance(value, Mapping):
        pairs = [f"{key if _WORD.fullmatch(key) else quoted(key)} = {quoted(text)}" for key, text in value.items()]
        return "\n".join(["{", *pairs, "}"]) if pairs else "{}"
    if isinstance(value, Sequence):
        items = [quoted(str(item)) for item in value]
        short = len(items) < 2 or sum(map(len, items)) < _SHORT_LIST
        return f"[{', '.join(items)}]" if short else "\n".join(["[", *(f"{item}," for item in items), "]"])
    return str(value)


def _heredoc(text: str) -> str:
    lines = _HOLE.sub(r"\1\1", text.removesuffix("\n")).split("\n")
    mark = "EOT"
    while any(line.strip() == mark for line in lines):
        mark += "_"
    return "\n".join([f"<<{mark}", *lines, mark])


def _plain(value: object) -> Plain:
    if isinstance(value, Section):
        return {name: _plain(one) for name, one in value.fields.items()}
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, str):
        return _HOLE.sub(r"\1\1", value)
    if isinstance(value, Sequence):
        return [_plain(one) for one in value]
    return value if isinstance(value, (bool, int)) else str(value)
