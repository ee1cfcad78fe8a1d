"""Numbers as Terraform's users know them: binary floating point with 512 bits, so that 0.1 + 0.2 is 0.3.

What was counted has 64 bits, what was reckoned with doubles 53, and zero may have a minus: texts show it.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Self

from reconciler.language.span import RefusedError
from reconciler.model.pattern import lazy_pattern

Number = int | Fraction

_PRECISION = 512
_COUNTED = 64
_LARGEST_EXPONENT = 4000
_LONGEST = 4000
_LARGEST_BITS = 13_300
_LOG10_OF_2 = 0.30103
_FORM = lazy_pattern(
    r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE](?P<exponent>[+-]?[0-9]+)|[pP](?P<shift>[+-]?[0-9]+))?", re.ASCII
)


class Whole(int):
    """A whole number of another precision than the usual, or the zero with a minus."""

    bits: int
    minus: bool

    def __new__(cls, value: int, bits: int, minus: bool = False) -> Self:
        """The number must fit into the bits already."""
        made = super().__new__(cls, value)
        made.bits = bits
        made.minus = minus
        return made


class Broken(Fraction):
    """A fraction of another precision than the usual."""

    bits: int

    def __new__(cls, value: Fraction, bits: int) -> Self:
        """The number must fit into the bits already."""
        made = super().__new__(cls, value)
        made.bits = bits
        return made

    @cached_property
    def usual(self) -> Number:
        """The number of the usual precision that is written alike."""
        return parse_number(number_text(self)) or 0


def bits_of(value: Number) -> int:
    """How precise a number is."""
    return value.bits if isinstance(value, (Whole, Broken)) else _PRECISION


def is_minus(value: Number) -> bool:
    """Whether a number is written with a minus."""
    return value < 0 or (isinstance(value, Whole) and value.minus)


@lru_cache(maxsize=1024)
def counted(count: int) -> Number:
    """A number that came of counting."""
    return Whole(count, max(_COUNTED, count.bit_length()))


def usual(value: Number) -> Number:
    """What two numbers are the same by: they are where they are written alike, and zero is zero."""
    if isinstance(value, Broken):
        return value.usual
    if isinstance(value, Whole):
        return 0 if not value else parse_number(number_text(value)) or 0
    return value


def parse_number(text: str) -> Number | None:
    """The number that a text spells in base ten, or None."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    if text.isdigit() and len(text) < 100:
        return int(text)
    exponent = found["exponent"] or found["shift"] or "0"
    if len(text) > _LONGEST or len(exponent) > 6 or abs(int(exponent)) > _LARGEST_EXPONENT:
        raise _out_of_range()
    if found["shift"]:
        return rounded(Fraction(text[: found.start("shift") - 1]) * Fraction(2) ** int(exponent))
    return rounded(Fraction(text), minus=text[0] == "-")


def rounded(value: Number, bits: int = _PRECISION, *, minus: bool = False) -> Number:
    """The nearest number that so many bits can hold; of two equally near ones the even. `minus` matters to zero."""
    if type(value) is int and bits == _PRECISION and value.bit_length() <= bits and (value or not minus):
        return value  # nearly all of them
    top, bottom = abs(value.numerator), value.denominator
    if top.bit_length() > _LARGEST_BITS or bottom.bit_length() > _LARGEST_BITS + _PRECISION:
        raise _out_of_range()
    if bottom == 1 and top.bit_length() <= bits:
        nearest: Number = value.numerator
    else:
        scale = bits - 1 - _exponent(top, bottom)
        nearest = Fraction(round(value * Fraction(2) ** scale)) / Fraction(2) ** scale
    if nearest.denominator != 1:
        return nearest if bits == _PRECISION else Broken(Fraction(nearest), bits)
    whole = nearest.numerator
    return whole if bits == _PRECISION and (whole or not minus) else Whole(whole, bits, minus and not whole)


def number_text(value: Number) -> str:
    """The shortest decimal that means this number and no other of its precision, without an exponent."""
    top, bottom, bits = abs(value.numerator), value.denominator, bits_of(value)
    sign = "-" if is_minus(value) else ""
    if bottom == 1 and top.bit_length() <= bits and (bits >= _COUNTED or top < 10**15):
        return f"{sign}{top}"
    magnitude = Fraction(top, bottom)
    places = _shortest(magnitude, _exponent(top, bottom), bits)
    digits = round(magnitude * Fraction(10) ** places)
    if places <= 0:
        return f"{sign}{digits * 10**-places}"
    whole, part = divmod(digits, 10**places)
    return f"{sign}{whole}.{part:0{places}}"


def _shortest(value: Fraction, exponent: int, bits: int) -> int:
    """How many decimal places (negative: trailing zeros) it takes to stay within half a step."""
    half_step = Fraction(2) ** (exponent - bits)
    # A number just halfway between two is taken for the even one.
    even = not int(value / half_step / 2) & 1
    # Below 1 the first places are zeros: their number is known, and trying each takes long where they are many.
    places = -len(str(int(value))) if value >= 1 else max(0, int(-exponent * _LOG10_OF_2) - 1)
    while (off := abs(Fraction(round(value * Fraction(10) ** places)) / Fraction(10) ** places - value)) >= half_step:
        if off == half_step and even:
            break
        places += 1
    return places


def _exponent(top: int, bottom: int) -> int:
    """The e in 2^e <= top/bottom < 2^(e+1)."""
    guess = top.bit_length() - bottom.bit_length()
    reached = top >= bottom << guess if guess >= 0 else top << -guess >= bottom
    return guess if reached else guess - 1


def _out_of_range() -> RefusedError:
    detail = f"Numbers may reach from 1e-{_LARGEST_EXPONENT} to 1e{_LARGEST_EXPONENT}, with up to {_LONGEST} digits."
    return RefusedError("Number out of range", detail)
