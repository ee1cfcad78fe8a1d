"""YAML documents as values: what plain words mean is Terraform's choice, which is not quite that of YAML 1.1 or 1.2."""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping

from reconciler.language.functions.base64_text import unpacked
from reconciler.language.functions.calendar import moment
from reconciler.language.functions.signature import CallError
from reconciler.language.number import parse_number
from reconciler.language.template import compose
from reconciler.language.types import STRING
from reconciler.language.value import Null, Value, to_text
from reconciler.language.yaml_documents import load
from reconciler.language.yaml_nodes import Mapping as YamlMapping
from reconciler.language.yaml_nodes import Node, Scalar, Sequence
from reconciler.model.diagnostic import EnvformError
from reconciler.model.pattern import lazy_pattern

_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], True),
    **dict.fromkeys(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
}
_NUMBER = lazy_pattern(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BASED = lazy_pattern(r"0x[0-9a-fA-F]+|0o[0-7]+")
_ENDLESS = lazy_pattern(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_TIME = lazy_pattern(
    r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)"
    r"(?:(?: |(?P<zoned>[Tt]))(?P<hour>\d\d?):(?P<minute>\d\d?):(?P<second>\d\d?)(?:[.,]\d+)?"
    r"(?P<zone>(?(zoned)(?:Z|[-+]\d\d:\d\d))))?",
    re.ASCII,
)
_PREFIX = "tag:yaml.org,2002:"
_RESOLVED = ("int", "float", "bool", "timestamp")


def yaml_value(text: str) -> Value:
    """The value that a document spells."""
    try:
        document = load(text, "this YAML", lax=True)
    except EnvformError as error:
        first = error.diagnostics[0]
        where = f"At line {first.subject.start.line}, column {first.subject.start.column}: " if first.subject else ""
        raise CallError(f"{where}{first.detail}", first.hint) from None
    if document.root is None:
        raise CallError("This YAML holds no value.", "`null` is written as a word")
    return _value(document.root)


def _value(node: Node) -> Value:
    if isinstance(node, Sequence):
        return tuple(map(_value, node.items))
    if isinstance(node, YamlMapping):
        pairs = {_key(key): _value(item) for key, item in node.items}
        return {key: pairs[key] for key in sorted(pairs)}
    return _scalar(node)


def _key(node: Scalar) -> str:
    key = to_text(_scalar(node))
    if key is None:
        raise CallError("A key of a mapping is null, and keys are texts.", 'the text itself is written "null"')
    return key


def _scalar(node: Scalar) -> Value:
    tag = node.tag.removeprefix(_PREFIX)
    if tag not in ("", "str", "null", "binary", *_RESOLVED) or (tag and tag == node.tag):
        raise CallError(f"The tag `{node.tag[:60]}` is not one that values have.", "leave the tag out")
    if tag == "binary":
        return _binary(node.text)
    if tag == "null" and node.text and (node.style or _plain(node.text) == node.text):
        return None
    if tag == "str" or node.style in ('"', "'"):
        return compose(node.text)
    value = _plain(node.text)
    if tag in _RESOLVED and isinstance(value, str) and _moment(node.text) is None:
        raise CallError(f"`{node.text[:60]}` is not of the kind that its tag `!!{tag}` says.")
    if tag or not node.style:
        return value
    return Null(STRING) if value is None else to_text(value)


def _binary(text: str) -> str:
    try:
        unpacked(text)
    except binascii.Error:
        raise CallError("What has the tag `!!binary` is no base64.") from None
    return text


def _plain(text: str) -> Value:
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.fullmatch(text):
        return parse_number(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _ENDLESS.fullmatch(text):
        raise CallError(f"`{text}` is no number that can be used: numbers are finite.", "a text is written in quotes")
    return _moment(text) or compose(text)


def _moment(text: str) -> str | None:
    """A date or time, as RFC 3339 writes it."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    month, day, hour, minute, second = (
        (found[part] or "0").zfill(2) for part in ("month", "day", "hour", "minute", "second")
    )
    at = moment(f"{found['year']}-{month}-{day}T{hour}:{minute}:{second}{found['zone'] or 'Z'}")
    return None if at is None else str(at)
