"""The values of expressions, what messages call them, and how one kind becomes another.

    made by                          is                       and told by
    None                             null                     is_null
    Null(STRING)                     null of a known type     is_null
    True  "a"  1  Fraction(1, 2)     bool, string, number     kind, is_number
    (1, "a")                         tuple                    kind; Python's `tuple` for tuple, list and set alike
    {"a": 1}                         object                   kind; Python's `Mapping` for object and map alike
    List((1, 2), NUMBER)             list(number)             kind, isinstance
    set_from((2, 1, 2), NUMBER)      set(number), in order    kind, isinstance
    Map({"a": 1}, NUMBER)            map(number)              kind, isinstance
    Unknown(STRING)  UNKNOWN         not known yet            is_known, is_wholly_known
    mark(value)                      sensitive                is_sensitive, holds_sensitive

Sensitive is a wrapper around a value, and may also stand around parts of a structure: look at a value after
`bare, marked = unmark(value)` and give `mark(result, marked)`; `unmark_deep` does the same for all parts at once.
`plain(value)` is what JSON could hold: for whoever takes a value out of the language. Values are never changed.
Elsewhere: `access.attribute_of` and `element_of`, `equality.equal` and `set_from`, `conversion.convert(value, type)`
makes a value of a type, `written.to_hcl` and `to_json` write one down.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import field
from fractions import Fraction
from typing import Self, TypeAlias, TypeGuard

from reconciler.language.number import Number, number_text, parse_number
from reconciler.language.types import ANY, BOOL, NUMBER, STRING, Type, list_of, map_of, object_of, set_of, tuple_of
from reconciler.model.frozen import dataclass

Value: TypeAlias = (
    "bool | str | int | Fraction | tuple[Value, ...] | Mapping[str, Value] | Null | Unknown | Sensitive | None"
)

# The classes of most values, which hold nothing else: looked up, for to ask of each class one by one takes longer.
SIMPLE = frozenset({str, bool, int, Fraction, type(None)})
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}
_LONGEST_SHOWN = 60
_COUNTED = {"object": "attribute"}


class List(tuple["Value", ...]):  # noqa: SLOT001 - Python allows a tuple no slots
    """A list: every element has the type, or is null."""

    element: Type

    def __new__(cls, values: Iterable[Value], element: Type) -> Self:
        """The values must be of the type already."""
        made = super().__new__(cls, values)
        made.element = element
        return made


class Set(tuple["Value", ...]):  # noqa: SLOT001 - Python allows a tuple no slots
    """A set, in Terraform's order and without duplicates: made by `set_from`."""

    element: Type

    def __new__(cls, values: Iterable[Value], element: Type) -> Self:
        """The values must be of the type, ordered and distinct already."""
        made = super().__new__(cls, values)
        made.element = element
        return made


class Map(dict[str, "Value"]):
    """A map: every element has the type, or is null."""

    element: Type

    def __init__(self, values: Mapping[str, Value], element: Type) -> None:
        """The values must be of the type already."""
        super().__init__(values)
        self.element = element


@dataclass(frozen=True, slots=True)
class Null:
    """Null where the type is known; the null of no type is None."""

    type: Type


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that only building will tell; `certain` where it cannot be null, `begins` is how a text will begin."""

    type: Type = ANY
    certain: bool = field(default=False, compare=False)
    begins: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Sensitive:
    """A value that is not to be shown; what is inside is never itself a Sensitive."""

    value: Value


UNKNOWN = Unknown()


def is_null(value: Value) -> bool:
    """Whether this is null, of whatever type; marks do not matter."""
    if type(value) is str:
        return False
    bare = value.value if isinstance(value, Sensitive) else value
    return bare is None or isinstance(bare, Null)


def null_of(kind_of: Type) -> Value:
    """The null of a type."""
    return None if kind_of.kind == "any" else Null(kind_of)


def is_known(value: Value) -> bool:
    """Whether there is a value at all, though parts of it may be unknown."""
    return not isinstance(value.value if isinstance(value, Sensitive) else value, Unknown)


def is_wholly_known(value: Value) -> bool:
    """Whether nothing in this value is unknown."""
    return _none(value, Unknown)


def is_sensitive(value: Value) -> bool:
    """Whether this whole value is sensitive."""
    return isinstance(value, Sensitive)


def holds_sensitive(value: Value) -> bool:
    """Whether this value or a part of it is sensitive."""
    return not _none(value, Sensitive)


def mark(value: Value, sensitive: bool = True) -> Value:
    """The value as a sensitive one; as it is where `sensitive` is False."""
    return Sensitive(value) if sensitive and not isinstance(value, Sensitive) else value


def unmark(value: Value) -> tuple[Value, bool]:
    """The value without the mark around it, and whether there was one. Parts keep theirs."""
    return (value.value, True) if isinstance(value, Sensitive) else (value, False)


def unmark_deep(value: Value) -> tuple[Value, bool]:
    """The value without any mark, and whether there was one."""
    return (_unmarked(value), True) if holds_sensitive(value) else (value, False)


def plain(value: Value) -> Value:
    """The value as bool, str, number, tuple, dict and None alone, without marks and types; unknown stays unknown."""
    value, _ = unmark(value)
    if is_null(value):
        return None
    if isinstance(value, tuple):
        return tuple([plain(item) for item in value])
    if isinstance(value, Mapping):
        return {key: plain(value[key]) for key in sorted(value)}
    return value


def is_number(value: Value) -> TypeGuard[Number]:
    """Whether this is a number; Python counts booleans as such, HCL does not."""
    return isinstance(value, (int, Fraction)) and not isinstance(value, bool)


def type_of(value: Value) -> Type:
    """The type that a value has by itself; `any` for null and unknown values of no type."""
    value, _ = unmark(value)
    if value is None:
        return ANY
    if isinstance(value, str):
        return STRING
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, (int, Fraction)):
        return NUMBER
    if isinstance(value, (List, Set, Map)):
        return {List: list_of, Set: set_of, Map: map_of}[type(value)](value.element)
    if isinstance(value, tuple):
        return tuple_of(map(type_of, value))
    if isinstance(value, Mapping):
        return object_of({key: type_of(item) for key, item in value.items()})
    return value.type if isinstance(value, (Null, Unknown)) else ANY


def kind(value: Value) -> str:
    """The word of the language for this kind of value, marked or not."""
    value, _ = unmark(value)
    if value is None or isinstance(value, Null):
        return "null"
    if isinstance(value, Unknown):
        return "unknown" if value.type == ANY else value.type.kind
    if isinstance(value, (bool, str, int, Fraction)):
        return type_of(value).kind
    if isinstance(value, tuple):
        return type(value).__name__.lower()
    return "map" if isinstance(value, Map) else "object"


def named(value: Value) -> str:
    """The kind of a value with its article."""
    word = kind(value)
    if word == "null":
        return word
    return "an unknown value" if word == "unknown" else f"{'an' if word == 'object' else 'a'} {word}"


def shown(value: Value) -> str:
    """A value in a message, cut where it is long; sensitive ones only by their kind."""
    if is_sensitive(value):
        return "a sensitive value"
    if isinstance(value, Unknown):
        return "known after apply"
    if isinstance(value, (tuple, Mapping)):
        counted = _COUNTED.get(kind(value), "element")
        return f"{named(value)} with {len(value)} {counted}{'' if len(value) == 1 else 's'}"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else to_text(value) or "null"
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def to_text(value: Value) -> str | None:
    """The string that a primitive value becomes where a string is wanted; None for all others, marked ones too."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) if is_number(value) else None


def to_number(value: Value) -> Number | None:
    """The number that a number or a string spells; None for all others, marked ones too."""
    if isinstance(value, str):
        return parse_number(value)
    return value if is_number(value) else None


def to_bool(value: Value) -> bool | None:
    """The truth value that a boolean or a string spells; None for all others, marked ones too."""
    if isinstance(value, str):
        return _TRUTHS.get(value)
    return value if isinstance(value, bool) else None


def _none(value: Value, wanted: type[Unknown | Sensitive]) -> bool:
    """Whether neither the value nor any part of it is of a class."""
    if type(value) in SIMPLE:
        return True
    todo = [value]
    while todo:
        item = todo.pop()
        if type(item) in SIMPLE:
            continue
        if isinstance(item, wanted):
            return False
        if isinstance(item, Sensitive):
            todo.append(item.value)
        elif isinstance(item, tuple):
            todo.extend(item)
        elif isinstance(item, (dict, Mapping)):
            todo.extend(item.values())
    return True


def _unmarked(value: Value) -> Value:
    value, _ = unmark(value)
    if isinstance(value, (List, Set)):
        return type(value)(map(_unmarked, value), value.element)
    if isinstance(value, tuple):
        return tuple(map(_unmarked, value))
    if isinstance(value, Mapping):
        parts = {key: _unmarked(item) for key, item in value.items()}
        return Map(parts, value.element) if isinstance(value, Map) else parts
    return value
