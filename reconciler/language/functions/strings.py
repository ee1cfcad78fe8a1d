"""Functions that make texts of texts."""

from __future__ import annotations

from reconciler.language.functions.graphemes import graphemes
from reconciler.language.functions.letters import lower_case, title_case, upper_case
from reconciler.language.functions.signature import ArgumentError, CallError, Family, Sees, too_long, too_many
from reconciler.language.functions.whole import whole
from reconciler.language.number import Number
from reconciler.language.scope import MAXIMUM_ELEMENTS, MAXIMUM_TEXT
from reconciler.language.spaces import SPACES
from reconciler.language.types import BOOL, STRING
from reconciler.language.value import List, Unknown, Value

FAMILY = Family()
function = FAMILY.function


@function("upper(str string) string")
def _upper(text: str) -> Value:
    return upper_case(text)


@function("lower(str string) string")
def _lower(text: str) -> Value:
    return lower_case(text)


@function("title(str string) string")
def _title(text: str) -> Value:
    return title_case(text)


@function("chomp(str string) string")
def _chomp(text: str) -> Value:
    return text.rstrip("\r\n")


@function("trim(str string, cutset string) string")
def _trim(text: str, characters: str) -> Value:
    return text.strip(characters)


@function("trimspace(str string) string")
def _trimspace(text: str) -> Value:
    return text.strip(SPACES)


@function("trimprefix(str string, prefix string) string")
def _trimprefix(text: str, prefix: str) -> Value:
    return text.removeprefix(prefix)


@function("trimsuffix(str string, suffix string) string")
def _trimsuffix(text: str, suffix: str) -> Value:
    return text.removesuffix(suffix)


@function("startswith(str string, prefix string) bool", unknown=Sees.ALL)
def _startswith(text: str | Unknown, prefix: str | Unknown) -> Value:
    if isinstance(prefix, Unknown):
        return Unknown(BOOL)
    known = text if isinstance(text, str) else text.begins
    return Unknown(BOOL) if isinstance(text, Unknown) and len(prefix) > len(known) else known.startswith(prefix)


@function("endswith(str string, suffix string) bool")
def _endswith(text: str, suffix: str) -> Value:
    return text.endswith(suffix)


@function("strcontains(str string, substr string) bool?")
def _strcontains(text: str, part: str) -> Value:
    return part in text


@function("strrev(str string) string")
def _strrev(text: str) -> Value:
    return "".join(reversed(graphemes(text)))


@function("substr(str string, offset number, length number) string")
def _substr(text: str, offset: Number, length: Number) -> Value:
    begin, count = whole(offset, 1, "offset"), whole(length, 2, "length")
    characters = graphemes(text)
    if begin < 0:
        begin = max(0, begin + len(characters))
        # As Terraform has it: counted from the end, no length is all that is left.
        count = count or -1
    return "".join(characters[begin:] if count < 0 else characters[begin : begin + count])


@function("indent(spaces number, str string) string")
def _indent(spaces: Number, text: str) -> Value:
    width = whole(spaces, 0, "spaces", least=0)
    if width * text.count("\n") > MAXIMUM_TEXT:
        raise too_long()
    return text.replace("\n", "\n" + " " * width) if "\n" in text else text


@function("join(separator string, lists... list(string)) string")
def _join(separator: str, *lists: List) -> Value:
    if not lists:
        raise CallError("`join` takes a separator and at least one list.")
    parts: list[str] = []
    for at, part in enumerate(lists, 1):
        for number, item in enumerate(part):
            if not isinstance(item, str):
                raise ArgumentError(at, f"Element {number} is null, and null cannot be joined to a text.")
            parts.append(item)
    if sum(map(len, parts)) + len(separator) * len(parts) > 2 * MAXIMUM_TEXT:
        raise too_long()
    return separator.join(parts)


@function("split(separator string, str string) list(string)")
def _split(separator: str, text: str) -> Value:
    count = text.count(separator) if separator else len(text)
    if count > MAXIMUM_ELEMENTS:
        raise too_many()
    return List(text.split(separator) if separator else list(text), STRING)
