"""Values as JSON, byte for byte as Terraform writes it, and JSON as values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from reconciler.language.conversion import UnsuitableError, convert
from reconciler.language.functions.signature import CallError, too_long
from reconciler.language.number import number_text, parse_number
from reconciler.language.scope import MAXIMUM_TEXT
from reconciler.language.template import compose
from reconciler.language.tokens import MAXIMUM_DEPTH
from reconciler.language.types import ANY, Type
from reconciler.language.value import Value, is_null, is_number, shown, type_of
from reconciler.model.pattern import lazy_pattern

_ESCAPED = lazy_pattern(r'["\\\x00-\x1f<>&\u2028\u2029]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_STRING = lazy_pattern(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = lazy_pattern(r"[\[\]{}]")
_LONE = lazy_pattern(r"[\ud800-\udfff]")


def encoded(value: Value) -> str:
    """The value as JSON without white space."""
    if is_null(value):
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if is_number(value):
        return number_text(value)
    if isinstance(value, Mapping):
        pairs = [f"{quoted(key)}:{encoded(value[key])}" for key in sorted(value)]
        return f"{{{_joined(pairs)}}}"
    if isinstance(value, tuple):
        return f"[{_joined([encoded(item) for item in value])}]"
    raise AssertionError("marked and unknown values do not come here")


def quoted(text: str) -> str:
    """A text as JSON; what HTML would take for its own is escaped."""
    return f'"{_ESCAPED.sub(_escape, text)}"'


def decoded(text: str) -> Value:
    """The value that a text of JSON spells."""
    _limit_depth(text)
    try:
        return _composed(_decoder().decode(text))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise CallError(f"This is no JSON. At {where}: {error.msg[:1].lower()}{error.msg[1:]}.") from None


def _escape(found: re.Match[str]) -> str:
    character = found.group()
    return _SHORT.get(character) or f"\\u{ord(character):04x}"


def _joined(parts: list[str]) -> str:
    if sum(map(len, parts)) > 2 * MAXIMUM_TEXT:
        raise too_long()
    return ",".join(parts)


def _limit_depth(text: str) -> None:
    depth = 0
    for found in _BRACKET.finditer(_STRING.sub('""', text)):
        depth += 1 if found.group() in "[{" else -1
        if depth > MAXIMUM_DEPTH:
            raise CallError(f"This JSON is nested more than {MAXIMUM_DEPTH} deep.")


def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=_object, parse_float=parse_number, parse_int=parse_number, parse_constant=_no_constant
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of equal keys the last counts, and the others must be of its type too: so Terraform has it."""
    made = dict(pairs)
    if len(made) < len(pairs):
        for key, value in pairs:
            _check_alike(key, _composed(value), type_of(_composed(made[key])))
    return made


def _check_alike(key: str, value: Value, last: Type) -> None:
    try:
        convert(value, last)
    except UnsuitableError:
        fits = False
    else:
        fits = last != ANY or value is None
    if not fits:
        raise CallError(f"The key {shown(key)} stands in an object twice, with values of different types.")


def _no_constant(word: str) -> Any:
    raise CallError(f"`{word}` is no JSON: numbers are finite.")


def _composed(value: Any) -> Value:
    """Tuples and texts in composed form; half of a surrogate pair is no character."""
    if isinstance(value, str):
        return compose(_LONE.sub("\ufffd", value))
    if isinstance(value, list):
        return tuple(map(_composed, value))
    if isinstance(value, dict):
        pairs = {_composed(key): _composed(item) for key, item in value.items()}
        return {str(key): pairs[key] for key in sorted(pairs, key=str)}
    return value if isinstance(value, bool) or value is None or is_number(value) else None
