"""What `yamldecode` makes of a document: Terraform's reading of YAML, which is neither 1.1 nor 1.2."""

from __future__ import annotations

import re

from reconciler.language.number import parse_number
from reconciler.language.span import RefusedError
from reconciler.language.template import compose
from reconciler.language.value import Value, to_text
from reconciler.language.yaml_documents import load
from reconciler.language.yaml_nodes import Node, Scalar, Sequence
from reconciler.model.diagnostic import EnvformError

_NULLS = {"", "~", "null", "Null", "NULL"}
_TRUTHS = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
}
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_OTHER_BASE = re.compile(r"0x(?P<hexadecimal>[0-9a-fA-F]{1,15})|0o(?P<octal>[0-7]{1,20})")
_ENDLESS = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_TIME = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:(?:[Tt]|[ \t]+)(?P<clock>\d{1,2}:\d{2}:\d{2})(?:\.\d+)?[ \t]*(?P<zone>Z|[-+]\d{1,2}(?::?\d{2})?)?)?"
)


def load_value(text: str) -> Value:
    """The value of a YAML text; RefusedError when it is none."""
    try:
        root = load(text, "yaml").root
    except EnvformError as error:
        first = error.diagnostics[0]
        where = f" On line {first.subject.start.line}, column {first.subject.start.column}." if first.subject else ""
        raise RefusedError(first.summary, first.detail + where, first.hint) from None
    if root is None:
        raise RefusedError("Invalid YAML", "This text holds no YAML document.")
    return _value(root)


def _value(node: Node) -> Value:
    if isinstance(node, Scalar):
        return _scalar(node)
    if isinstance(node, Sequence):
        return tuple([_value(item) for item in node.items])
    return {_key(key): _value(item) for key, item in node.items}


def _key(node: Scalar) -> str:
    key = to_text(_scalar(node))
    if key is None:
        raise RefusedError("Invalid YAML", "The key of a mapping cannot be null.")
    return key


def _scalar(node: Scalar) -> Value:
    text = compose(node.text)
    if node.style or (node.kind == "str" and node.has_tag):
        return text
    if text in _NULLS or (node.has_tag and node.kind == "null"):
        return None
    if text in _TRUTHS:
        return _TRUTHS[text]
    if _NUMBER.fullmatch(text):
        return parse_number(text)
    if _ENDLESS.fullmatch(text):
        raise RefusedError("Number out of range", f"`{text}` is no number that can be calculated with.")
    if found := _OTHER_BASE.fullmatch(text):
        return int(found["hexadecimal"], 16) if found["hexadecimal"] else int(found["octal"], 8)
    return _time(text)


def _time(text: str) -> str:
    """A date in the one spelling of RFC 3339; any other text as it is."""
    found = _TIME.fullmatch(text)
    if found is None or not (1 <= int(found["month"]) <= 12 and 1 <= int(found["day"]) <= 31):
        return text
    hour, minute, second = (found["clock"] or "0:00:00").split(":")
    zone = found["zone"] or "Z"
    if zone != "Z":
        digits = zone[1:].replace(":", "")
        hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "00")
        zone = f"{zone[0]}{int(hours):02}:{minutes}"
    if int(hour) > 23 or int(minute) > 59 or int(second) > 59:
        return text
    day = f"{found['year']}-{int(found['month']):02}-{int(found['day']):02}"
    return f"{day}T{int(hour):02}:{minute}:{second}{zone}"
