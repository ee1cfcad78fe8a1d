"""Functions with regular expressions: regex, regexall, replace."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.language.functions.regular import Match, Regular, compiled
from reconciler.language.functions.signature import ArgumentError, CallError, Family, too_long, too_many
from reconciler.language.scope import MAXIMUM_ELEMENTS, MAXIMUM_TEXT
from reconciler.language.types import ANY, STRING, Type, object_of, tuple_of
from reconciler.language.value import List, Null, Unknown, Value, shown
from reconciler.model.pattern import lazy_pattern

FAMILY = Family()
function = FAMILY.function

_REFERENCE = lazy_pattern(r"\$(?:(\$)|\{(\w+)\}|(\w+))")


def _later_regex(pattern: Value, _: Value) -> Unknown:
    return Unknown(_captured_type(_captures(pattern)) if isinstance(pattern, str) else ANY)


@function("regex(pattern string, string string) any", later=_later_regex)
def _regex(pattern: str, text: str) -> Value:
    regular = _captures(pattern)
    found = regular.first(text)
    if found is None:
        detail = f"The pattern {shown(pattern)} matches nothing in {shown(text)}."
        raise CallError(detail, "`regexall` gives an empty list in place of this error, and `can` tells if it matches")
    return _captured(regular, found)


@function("regexall(pattern string, string string) list(any)")
def _regexall(pattern: str, text: str) -> Value:
    regular = _captures(pattern)
    found: list[Value] = []
    for one in regular.matches(text.encode()):
        found.append(_captured(regular, one))
        if len(found) > MAXIMUM_ELEMENTS:
            raise too_many()
    return List(found, _captured_type(regular))


@function("replace(str string, substr string, replace string) string")
def _replace(text: str, part: str, by: str) -> Value:
    if len(part) > 1 and part.startswith("/") and part.endswith("/"):
        return _substituted(compiled(part[1:-1], 1), text, by)
    if text.count(part) * len(by) > 2 * MAXIMUM_TEXT:
        raise too_long()
    return text.replace(part, by)


def _captures(pattern: str) -> Regular:
    regular = compiled(pattern)
    if regular.names and len(regular.names) != regular.count:
        detail = "Either all groups of a pattern have names of their own, or none has one."
        raise ArgumentError(0, detail, "a group that captures nothing is written `(?:…)`")
    return regular


def _captured(regular: Regular, found: Match) -> Value:
    if not regular.count:
        return found.groups[0]
    groups: list[Value] = [Null(STRING) if group is None else group for group in found.groups[1:]]
    if not regular.names:
        return tuple(groups)
    return {name: groups[number - 1] for number, name in regular.names.items()}


def _captured_type(regular: Regular) -> Type:
    if not regular.count:
        return STRING
    if not regular.names:
        return tuple_of([STRING] * regular.count)
    return object_of(dict.fromkeys(regular.names.values(), STRING))


def _substituted(regular: Regular, text: str, by: str) -> str:
    content = text.encode()
    parts: list[str] = []
    last = length = 0
    for found in regular.matches(content):
        parts += [content[last : found.start].decode(), *_expanded(regular, found, by)]
        length += len(parts[-1])
        last = found.end
        if length + last > 2 * MAXIMUM_TEXT or len(parts) > 2 * MAXIMUM_TEXT:
            raise too_long()
    return "".join([*parts, content[last:].decode()])


def _expanded(regular: Regular, found: Match, by: str) -> Iterator[str]:
    numbers = {name: number for number, name in regular.names.items()}

    def group(reference: re.Match[str]) -> str:
        if reference[1]:
            return "$"
        name = reference[2] or reference[3]
        counts = name.isdecimal() and len(name) < 9 and (name[0] != "0" or name == "0")
        number = int(name) if counts else numbers.get(name, -1)
        return (found.groups[number] or "") if 0 <= number < len(found.groups) else ""

    yield _REFERENCE.sub(group, by)
