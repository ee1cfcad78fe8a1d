"""Values written down: in HCL as consoles show them, and in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from reconciler.language.span import RefusedError
from reconciler.language.value import (
    List,
    Map,
    Null,
    Sensitive,
    Set,
    Unknown,
    Value,
    is_number,
    to_text,
    unmark,
)
from reconciler.model.pattern import lazy_pattern

_STEP = 2
_SENSITIVE = "(sensitive value)"
_UNKNOWN = "(known after apply)"
_ESCAPED = lazy_pattern(r'["\\]|\$(?=\{)|%(?=\{)|[^ -~]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "$": "$$", "%": "%%"}
_WRAPPED = {List: "tolist", Set: "toset", Map: "tomap"}


def to_hcl(value: Value, indent: int | None = None) -> str:
    """The expression that gives this value, on one line; with `indent` over several, those after the first indented."""
    if isinstance(value, Sensitive):
        return _SENSITIVE
    if isinstance(value, Unknown):
        return _UNKNOWN
    if isinstance(value, Null):
        return _null(value)
    if isinstance(value, str):
        return _heredoc(value, indent) if indent is not None and "\n" in value else quoted(value)
    if isinstance(value, (tuple, Mapping)):
        text = _mapping(value, indent) if isinstance(value, Mapping) else _sequence(value, indent)
        wrapper = _WRAPPED.get(type(value))
        return f"{wrapper}({text})" if wrapper else text
    return to_text(value) or "null"


def to_json(value: Value) -> str:
    """The value as one line of JSON, keys sorted and numbers exact. Sensitive parts are written like all others."""
    value, _ = unmark(value)
    if isinstance(value, Unknown):
        raise RefusedError("Value not known yet", "This value is known only after apply, so it cannot be written down.")
    if isinstance(value, tuple):
        return f"[{', '.join(map(to_json, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{to_json(key)}: {to_json(value[key])}' for key in sorted(value))}}}"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool) or is_number(value):
        return to_text(value) or ""
    return "null"


def masked(value: Value) -> Value:
    """The value with words in place of what is sensitive or unknown, for whoever shows it."""
    if isinstance(value, Sensitive):
        return _SENSITIVE
    if isinstance(value, Unknown):
        return _UNKNOWN
    if isinstance(value, tuple):
        return tuple(map(masked, value))
    if isinstance(value, Mapping):
        return {key: masked(item) for key, item in value.items()}
    return value


def quoted(text: str) -> str:
    """The text as a string of HCL."""
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    character = found.group()
    if character in _SHORT:
        return _SHORT[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _null(value: Null) -> str:
    kind = value.type.kind
    if kind in ("string", "number", "bool"):
        return f"to{kind}(null)"
    if kind in ("list", "set", "map"):
        return f"to{kind}(null) /* of {value.type.element} */"
    return f"null /* {value.type} */"


def _mapping(value: Mapping[str, Value], indent: int | None) -> str:
    if not value:
        return "{}"
    inner = None if indent is None else indent + _STEP
    pairs = [f"{to_hcl(key, inner)} = {to_hcl(value[key], inner)}" for key in sorted(value)]
    if indent is None:
        return f"{{ {', '.join(pairs)} }}"
    return _framed("{", pairs, "}", indent)


def _sequence(value: tuple[Value, ...], indent: int | None) -> str:
    if not value:
        return "[]"
    if indent is None:
        return f"[{', '.join(to_hcl(item) for item in value)}]"
    return _framed("[", [f"{to_hcl(item, indent + _STEP)}," for item in value], "]", indent)


def _framed(opener: str, lines: list[str], closer: str, indent: int) -> str:
    margin = " " * (indent + _STEP)
    return "\n".join([opener, *(margin + line for line in lines), " " * indent + closer])


def _heredoc(text: str, indent: int) -> str:
    lines = text.split("\n")
    mark = "EOT"
    while any(line.strip() == mark for line in lines):
        mark += "_"
    opener = f"<<-{mark}" if indent else f"<<{mark}"
    return "\n".join([opener, *(" " * indent + line for line in (*lines, mark))])
