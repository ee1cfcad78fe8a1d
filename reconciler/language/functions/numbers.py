"""Functions of numbers."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import reduce

from reconciler.language.arithmetic import added, negated
from reconciler.language.functions.floats import logarithm, power
from reconciler.language.functions.signature import ArgumentError, CallError, Family, Sees
from reconciler.language.functions.whole import whole
from reconciler.language.number import Number, bits_of, counted, is_minus, rounded
from reconciler.language.types import ANY, NUMBER, STRING
from reconciler.language.value import List, Unknown, Value, is_null, is_wholly_known, named, shown, to_number, type_of

FAMILY = Family()
function = FAMILY.function

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LARGEST_BASE = 62
_LONGEST_INTEGER = 4000
_LONGEST_RANGE = 1024
_DOUBLE = 53
_SUMMED = ("any", "list", "set", "tuple")


@function("abs(num number) number")
def _abs(number: Number) -> Value:
    return negated(number) if is_minus(number) else number


@function("ceil(num number) number")
def _ceil(number: Number) -> Value:
    return rounded(math.ceil(number), bits_of(number))


@function("floor(num number) number")
def _floor(number: Number) -> Value:
    return rounded(math.floor(number), bits_of(number))


@function("signum(num number) number")
def _signum(number: Number) -> Value:
    sign = whole(number, 0, "num")
    return counted((sign > 0) - (sign < 0))


@function("max(numbers... number) number")
def _max(*numbers: Number) -> Value:
    if not numbers:
        raise CallError("`max` takes at least one number.", "a list is expanded into arguments by `max(list...)`")
    return max(numbers)


@function("min(numbers... number) number")
def _min(*numbers: Number) -> Value:
    if not numbers:
        raise CallError("`min` takes at least one number.", "a list is expanded into arguments by `min(list...)`")
    return min(numbers)


@function("pow(num number, power number) number")
def _pow(number: Number, exponent: Number) -> Value:
    return _exact(power(_double(number, 0), _double(exponent, 1)))


@function("log(num number, base number) number")
def _log(number: Number, base: Number) -> Value:
    value, of = _double(number, 0), _double(base, 1)
    if value < 0 or of < 0:
        raise ArgumentError(0 if value < 0 else 1, "Only numbers above 0 have a logarithm.")
    if value == 0 or of == 1:
        raise CallError("The result would be infinite.")
    return _exact(logarithm(value) / (logarithm(of) if of else -math.inf))


@function("parseint(number any, base number) any", unknown=Sees.ALL)
def _parseint(text: Value, base: Number | Unknown) -> Value:
    if type_of(text) not in (STRING, ANY):
        raise ArgumentError(0, f"`number` must be a string, and this is {named(text)}.")
    if isinstance(base, Unknown) or not isinstance(text, str):
        return Unknown(NUMBER)
    to = whole(base, 1, "base", least=2, most=_LARGEST_BASE)
    folded = text.lower() if to <= 36 else text
    digits = folded[1:] if folded[:1] in ("+", "-") else folded
    if not digits or len(digits) > _LONGEST_INTEGER or not set(digits) <= set(_DIGITS[:to]):
        raise ArgumentError(0, f"{shown(text)} is no whole number in base {to}.")
    value = reduce(lambda total, digit: total * to + _DIGITS.index(digit), digits, 0)
    return counted(-value if folded.startswith("-") else value)


@function("sum(list any) any", unknown=Sees.ALL)
def _sum(items: Value) -> Value:
    if not is_wholly_known(items) and type_of(items).kind in _SUMMED:
        return Unknown(NUMBER)
    if not isinstance(items, tuple):
        raise ArgumentError(0, f"`list` must be a list, a set or a tuple, and this is {named(items)}.")
    if not items:
        raise ArgumentError(0, "An empty list has no sum.", "write `sum(concat([0], list))` where it may be empty")
    return reduce(added, map(_summand, items))


def _summand(item: Value) -> Number:
    number = None if is_null(item) else to_number(item)
    if number is None:
        raise ArgumentError(0, f"All elements must be numbers, and one is {named(item)}.")
    return number


@function("range(params... number) list(number)")
def _range(*numbers: Number) -> Value:
    if not 1 <= len(numbers) <= 3:
        raise CallError("`range` takes an end, or a start and an end, or a start, an end and a step.")
    start, end = (counted(0), numbers[0]) if len(numbers) == 1 else numbers[:2]
    step = numbers[2] if len(numbers) == 3 else counted(1 if start <= end else -1)
    if start == end:
        return List((), NUMBER)
    if step == 0:
        raise ArgumentError(2, "The step must not be 0.")
    if (step > 0) != (start < end):
        raise ArgumentError(2, f"The step must be {'above' if start < end else 'below'} 0 to lead to the end.")
    if math.ceil(Fraction(end - start) / Fraction(step)) > _LONGEST_RANGE:
        raise CallError(f"`range` makes up to {_LONGEST_RANGE:,} numbers.")
    return _steps(start, end, step)


def _steps(start: Number, end: Number, step: Number) -> Value:
    found: list[Value] = []
    at = start
    while (at < end if step > 0 else at > end) and len(found) <= _LONGEST_RANGE:
        found.append(at)
        at = added(at, step)
    return List(found, NUMBER)


def _double(number: Number, at: int) -> float:
    try:
        return math.copysign(float(number), -1 if is_minus(number) else 1)
    except OverflowError:
        raise ArgumentError(at, "This number is too large: `pow` and `log` reckon with doubles.") from None


def _exact(result: float) -> Value:
    if math.isnan(result):
        raise CallError("There is no real number that is this power.")
    if math.isinf(result):
        raise CallError("The result would be infinite, or too large for a double.")
    return rounded(Fraction(result), _DOUBLE, minus=math.copysign(1, result) < 0)
