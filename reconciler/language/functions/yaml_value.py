"""YAML documents as values: what plain words mean is Terraform's choice, which is not quite that of YAML 1.1 or 1.2."""

from __future__ import annotations

import re
from collections.abc import Mapping

from reconciler.language.functions.calendar import moment
from reconciler.language.functions.signature import CallError
from reconciler.language.number import parse_number
from reconciler.language.template import compose
from reconciler.language.value import Value, to_text
from reconciler.language.yaml_documents import load
from reconciler.language.yaml_nodes import Mapping as YamlMapping
from reconciler.language.yaml_nodes import Node, Scalar, Sequence, YamlDocument
from reconciler.model.diagnostic import EnvformError

_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], True),
    **dict.fromkeys(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
}
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BASED = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+")
_ENDLESS = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9:]+(?:\.[0-9]+)?)(Z|[-+][0-9]{2}:[0-9]{2})")
_TAGGED = re.compile(r"(?:&\S+\s+)?!(\S*)")


def yaml_value(text: str) -> Value:
    """The value that a document spells."""
    try:
        document = load(text, "this YAML")
    except EnvformError as error:
        first = error.diagnostics[0]
        where = f"At line {first.subject.start.line}, column {first.subject.start.column}: " if first.subject else ""
        raise CallError(f"{where}{first.detail}", first.hint) from None
    if document.root is None:
        raise CallError("This YAML holds no value.", "`null` is written as a word")
    return _value(document, document.root)


def _value(document: YamlDocument, node: Node) -> Value:
    if isinstance(node, Sequence):
        return tuple(_value(document, item) for item in node.items)
    if isinstance(node, YamlMapping):
        pairs = {_key(document, key): _value(document, item) for key, item in node.items}
        return {key: pairs[key] for key in sorted(pairs)}
    return _scalar(document, node)


def _key(document: YamlDocument, node: Scalar) -> str:
    key = to_text(_scalar(document, node))
    if key is None:
        raise CallError("A key of a mapping is null, and keys are texts.", 'the text itself is written "null"')
    return key


def _scalar(document: YamlDocument, node: Scalar) -> Value:
    tagged = _TAGGED.match(document.source.text, node.start)
    if node.style or (tagged and tagged[1] in ("", "!str")):
        return compose(node.text)
    return _plain(node.text)


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
    """A date or time in the form of RFC 3339."""
    if _DATE.fullmatch(text):
        found = moment(f"{text}T00:00:00Z")
    else:
        time = _TIME.fullmatch(text)
        found = moment(f"{time[1]}T{time[2]}{time[3]}") if time else None
    return None if found is None else str(found)
