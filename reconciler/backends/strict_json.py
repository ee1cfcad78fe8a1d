"""JSON read without forgiveness: no duplicate keys, no NaN, no bottomless nesting."""

from __future__ import annotations

import json
from math import isfinite


def parse(data: bytes) -> object:
    """The value; ValueError says in half a sentence why there is none."""
    try:
        return json.loads(data, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except UnicodeDecodeError as cause:
        raise ValueError(f"it is not UTF-8 text at byte {cause.start}") from None
    except json.JSONDecodeError as cause:
        raise ValueError(_where(cause)) from None


def _where(cause: json.JSONDecodeError) -> str:
    if cause.msg.startswith("Unterminated string") or cause.pos >= len(cause.doc.rstrip()):
        return f"it ends in the middle, at line {cause.doc.count(chr(10)) + 1}"
    return f"it is not JSON at line {cause.lineno}, column {cause.colno}"


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"it has the key `{twice[:100]}` twice in one object")
    return found


def _constant(name: str) -> object:
    raise ValueError(f"it holds {name}, which is not JSON")


def _float(text: str) -> float:
    if not isfinite(number := float(text)):
        raise ValueError("it holds a number that is too large")
    return number
