"""JSON from strangers: bounded, one meaning for every reader, and no traceback from any of it."""

from __future__ import annotations

import json
from collections.abc import Sequence

JsonObject = dict[str, object]


class ContentError(ValueError):
    """Content that cannot be what it should be; the message is a full sentence."""


def parse_object(content: bytes, what: str, limit: int) -> JsonObject:
    """The object that the bytes spell; ContentError says why they spell none."""
    if len(content) > limit:
        raise ContentError(f"{what} has {len(content)} bytes; more than {limit} are not read.")
    try:
        value = json.loads(
            content.decode(),
            object_pairs_hook=_without_duplicates,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
    except RecursionError:
        raise ContentError(f"{what} is nested too deeply.") from None
    except ValueError as cause:
        raise ContentError(f"{what} is not valid JSON: {cause}.") from cause
    if not isinstance(value, dict):
        raise ContentError(f"{what} must be a JSON object.")
    return value


def _without_duplicates(pairs: Sequence[tuple[str, object]]) -> JsonObject:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ContentError("a key stands there twice")
    return value


def _no_float(text: str) -> object:
    raise ContentError(f"{text[:20]} is not a whole number")


def text_of(value: JsonObject, key: str, what: str) -> str:
    """A text member, empty where it is missing or null."""
    member = value.get(key)
    if member is None:
        return ""
    if not isinstance(member, str):
        raise ContentError(f"`{key}` of {what} must be a text.")
    return member


def object_of(value: JsonObject, key: str, what: str) -> JsonObject:
    """An object member, empty where it is missing or null."""
    member = value.get(key)
    if member is None:
        return {}
    if not isinstance(member, dict):
        raise ContentError(f"`{key}` of {what} must be an object.")
    return member


def objects_of(value: JsonObject, key: str, what: str) -> list[JsonObject]:
    """A list of objects, empty where it is missing or null."""
    member = value.get(key)
    if member is None:
        return []
    if not isinstance(member, list) or not all(isinstance(item, dict) for item in member):
        raise ContentError(f"`{key}` of {what} must be a list of objects.")
    return member


def texts_of(value: JsonObject, key: str, what: str) -> dict[str, str]:
    """An object whose members are all texts, empty where it is missing or null."""
    texts: dict[str, str] = {}
    for name, member in object_of(value, key, what).items():
        if not isinstance(member, str):
            raise ContentError(f"`{key}` of {what} must hold texts only.")
        texts[name] = member
    return texts
