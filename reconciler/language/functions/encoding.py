"""Functions that write texts in other alphabets: base64, URLs, JSON, CSV, YAML."""

from __future__ import annotations

import binascii
import codecs
from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import quote_plus

from reconciler.language.beginnings import begun
from reconciler.language.functions.base64_text import unpacked
from reconciler.language.functions.charsets import codec
from reconciler.language.functions.csv_text import csv_rows
from reconciler.language.functions.json_text import decoded, encoded
from reconciler.language.functions.signature import ArgumentError, CallError, Family
from reconciler.language.functions.yaml_text import yaml_text
from reconciler.language.functions.yaml_value import yaml_value
from reconciler.language.template import compose
from reconciler.language.types import STRING, object_of
from reconciler.language.value import List, Unknown, Value, shown
from reconciler.model.pattern import lazy_pattern

FAMILY = Family()
function = FAMILY.function

_CONTROLS = lazy_pattern("[\x80-\x9f]")


@function("base64encode(str string) string")
def _base64encode(text: str) -> Value:
    return b64encode(text.encode()).decode()


@function("base64decode(str string) string")
def _base64decode(text: str) -> Value:
    try:
        return unpacked(text).decode()
    except UnicodeDecodeError:
        detail = "What this base64 stands for is not UTF-8, so it is no text."
        raise CallError(detail, "`textdecodebase64` reads other encodings") from None
    except binascii.Error as error:
        raise CallError(f"This is no base64: {_lowered(str(error))}.") from None


@function("textencodebase64(string string, encoding string) string")
def _textencodebase64(text: str, name: str) -> Value:
    encoding = codec(name)
    _refuse_controls(text, encoding, name)
    try:
        content, _ = codecs.getencoder(encoding)(text)
    except UnicodeEncodeError as error:
        character = text[error.start]
        raise ArgumentError(0, f"The encoding `{name}` has no character {shown(character)}.") from None
    return b64encode(_with_mark(content, name)).decode()


@function("textdecodebase64(source string, encoding string) string")
def _textdecodebase64(text: str, name: str) -> Value:
    encoding = codec(name)
    try:
        content = unpacked(text)
    except binascii.Error as error:
        raise ArgumentError(0, f"This is no base64: {_lowered(str(error))}.") from None
    if name.upper() == "UTF-16" and content.startswith(codecs.BOM_UTF16_LE):
        encoding = "utf-16-le"
    try:
        decoded_text, _ = codecs.getdecoder(encoding)(content)
    except UnicodeDecodeError as error:
        detail = f"Byte {error.start} of what this base64 stands for begins no character of the encoding `{name}`."
        raise ArgumentError(0, detail) from None
    _refuse_controls(decoded_text, encoding, name)
    return decoded_text.removeprefix("\ufeff") if name.upper() == "UTF-16" else decoded_text


@function("urlencode(str string) string")
def _urlencode(text: str) -> Value:
    return quote_plus(text)


def _later_json(value: Value) -> Unknown:
    if isinstance(value, Unknown):
        return begun('"' if value.certain and value.type == STRING else "")
    return begun("[" if isinstance(value, tuple) else "{")


@function("jsonencode(val any?) string", later=_later_json)
def _jsonencode(value: Value) -> Value:
    return encoded(value)


@function("jsondecode(str string) any?")
def _jsondecode(text: str) -> Value:
    return decoded(text)


@function("csvdecode(str string) any?")
def _csvdecode(text: str) -> Value:
    header, *rows = [tuple(map(compose, row)) for row in csv_rows(text)] or [()]
    if not header:
        raise CallError("The first line names the columns, and this text has none.")
    double = next((name for number, name in enumerate(header) if name in header[:number]), None)
    if double is not None:
        raise CallError(f"Two columns are called {shown(double)}.")
    records: list[Mapping[str, Value]] = [dict(zip(header, row, strict=True)) for row in rows]
    return List(records, object_of(dict.fromkeys(header, STRING)))


@function("yamlencode(value any?) string?")
def _yamlencode(value: Value) -> Value:
    return yaml_text(value)


@function("yamldecode(src string) any?")
def _yamldecode(text: str) -> Value:
    return yaml_value(text)


def _refuse_controls(text: str, encoding: str, name: str) -> None:
    """Python's tables of ISO 8859 have control characters where Go's have none."""
    found = _CONTROLS.search(text) if encoding.startswith("iso8859") else None
    if found is not None:
        raise ArgumentError(0, f"The encoding `{name}` has no character U+{ord(found.group()):04X}.")


def _with_mark(content: bytes, name: str) -> bytes:
    return codecs.BOM_UTF16_BE + content if name.upper() == "UTF-16" else content


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
