"""The functions format and formatlist."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from reconciler.language.beginnings import begun
from reconciler.language.functions.decimals import fixed, general, magnitude, scientific
from reconciler.language.functions.graphemes import graphemes
from reconciler.language.functions.json_text import encoded, quoted
from reconciler.language.functions.signature import ArgumentError, CallError, Family, Sees, checked, too_long
from reconciler.language.functions.verbs import Verb, parts_of
from reconciler.language.number import Number, is_minus
from reconciler.language.scope import MAXIMUM_TEXT
from reconciler.language.types import STRING, list_of
from reconciler.language.value import (
    UNKNOWN,
    List,
    Unknown,
    Value,
    is_null,
    is_number,
    is_wholly_known,
    named,
    to_bool,
    to_number,
    to_text,
)

FAMILY = Family()
function = FAMILY.function

_USUAL_PLACES = 6
_MAY_BE_MANY = ("any", "list", "set", "tuple")


def _later_format(pattern: Value, *values: Value) -> Unknown:
    if UNKNOWN in values:
        return Unknown()
    return begun(pattern.partition("%")[0]) if isinstance(pattern, str) else Unknown(STRING)


@function("format(format string, args... any?) any", later=_later_format)
def _format(pattern: str, *values: Value) -> Value:
    return _formatted(pattern, values)


@function("formatlist(format string, args... any?) any", unknown=Sees.ALL)
def _formatlist(pattern: str | Unknown, *values: Value) -> Value:
    if any(isinstance(value, Unknown) and value.type.kind in _MAY_BE_MANY for value in values):
        return Unknown(list_of(STRING))
    lists = [_is_list(value) for value in values]
    lengths = {len(value) for value, many in zip(values, lists, strict=True) if many and isinstance(value, tuple)}
    if len(lengths) > 1:
        first = next(len(_items(value)) for value, many in zip(values, lists, strict=True) if many)
        at = next(at for at, value in enumerate(values, 1) if lists[at - 1] and len(_items(value)) != first)
        raise ArgumentError(at, f"All lists must be of one length, and these have {_counted(lengths)} elements.")
    rows: list[Value] = []
    length = 0
    for row in range(lengths.pop() if lengths else 1):
        arguments = [_items(value)[row] if many else value for value, many in zip(values, lists, strict=True)]
        text: Value = Unknown(STRING, certain=True)
        if isinstance(pattern, str) and all(map(is_wholly_known, arguments)):
            text = _formatted(pattern, arguments)
        length += len(text) if isinstance(text, str) else 0
        if length > 2 * MAXIMUM_TEXT:
            raise too_long()
        rows.append(checked(text) if isinstance(text, str) else text)
    return List(rows, STRING)


def _is_list(value: Value) -> bool:
    return isinstance(value, tuple)


def _items(value: Value) -> tuple[Value, ...]:
    return value if isinstance(value, tuple) else ()


def _counted(lengths: set[int]) -> str:
    return " and ".join(map(str, sorted(lengths)))


def _formatted(pattern: str, values: Sequence[Value]) -> str:
    parts: list[str] = []
    used = length = 0
    for part in parts_of(pattern):
        if isinstance(part, Verb):
            if part.argument >= len(values):
                raise CallError(f"`{part.text}` takes argument {part.argument + 1}, and there are {len(values)}.")
            used = max(used, part.argument + 1)
            parts.append(_inserted(part, values[part.argument]))
        else:
            parts.append(part)
        length += len(parts[-1])
        if length > 2 * MAXIMUM_TEXT:
            raise too_long()
    if used < len(values):
        detail = f"The format string takes {used} argument{'' if used == 1 else 's'}, and there are {len(values)}."
        raise ArgumentError(used + 1, detail)
    return "".join(parts)


def _inserted(verb: Verb, value: Value) -> str:
    if is_null(value) and verb.letter != "v":
        raise CallError(f"Null cannot be written by `{verb.text}`.", "`%v` writes any value, null too")
    return _WRITERS[verb.letter](verb, value)


def _any(verb: Verb, value: Value) -> str:
    if "#" in verb.flags or is_null(value) or isinstance(value, (tuple, Mapping)):
        text = encoded(value)
    elif is_number(value):
        text = ("-" if is_minus(value) else "") + general(magnitude(value), None)
    else:
        text = to_text(value) or ""
    return verb.padded(text, len(graphemes(text)))


def _text(verb: Verb, value: Value) -> str:
    text = _cut(verb, value)
    return verb.padded(text, len(graphemes(text)))


def _quoted(verb: Verb, value: Value) -> str:
    text = quoted(_cut(verb, value))
    return verb.padded(text, len(graphemes(text)))


def _cut(verb: Verb, value: Value) -> str:
    text = to_text(value)
    if text is None:
        raise _unsuitable(verb, value, "a string")
    return "".join(graphemes(text)[: verb.places]) if verb.places else text


def _truth(verb: Verb, value: Value) -> str:
    found = to_bool(value)
    if found is None:
        raise _unsuitable(verb, value, "a bool")
    return "true" if found else "false"


def _integer(verb: Verb, value: Value) -> str:
    number = _number(verb, value)
    if number.denominator != 1:
        raise _unsuitable(verb, value, "a whole number")
    form = {"X": "x"}.get(verb.letter, verb.letter)
    digits = format(abs(int(number)), form)
    zeros = verb.places is None and "-" not in verb.flags
    if verb.places is not None:
        digits = digits.rjust(verb.places, "0")
    mark = {"x": "0x", "o": "0", "b": "0b"}.get(form, "") if "#" in verb.flags else ""
    if mark and zeros and "0" in verb.flags:
        sign = 1 if number < 0 or "+" in verb.flags or " " in verb.flags else 0
        digits = digits.rjust(verb.width - len(mark) - sign, "0")
    text = verb.signed(number < 0, mark + digits, zeros=zeros)
    return text.upper() if verb.letter == "X" else text


def _real(verb: Verb, value: Value) -> str:
    number = _number(verb, value)
    size, places = magnitude(number), verb.places
    if verb.letter in "gG":
        digits = general(size, places)
    else:
        write = fixed if verb.letter == "f" else scientific
        digits = write(size, _USUAL_PLACES if places is None else places)
    return verb.signed(is_minus(number), digits.upper() if verb.letter in "EG" else digits, zeros=True)


def _number(verb: Verb, value: Value) -> Number:
    number = None if isinstance(value, bool) else to_number(value)
    if number is None:
        raise _unsuitable(verb, value, "a number")
    return number


def _unsuitable(verb: Verb, value: Value, wanted: str) -> CallError:
    hint = "`%v` writes any value" if isinstance(value, (tuple, Mapping)) else ""
    return CallError(f"`{verb.text}` writes {wanted}, and argument {verb.argument + 1} is {named(value)}.", hint)


_WRITERS: Mapping[str, Callable[[Verb, Value], str]] = {
    "v": _any,
    "s": _text,
    "q": _quoted,
    "t": _truth,
    **dict.fromkeys("bdoxX", _integer),
    **dict.fromkeys("eEfgG", _real),
}
