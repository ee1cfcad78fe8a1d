"""Numbers as Terraform's users know them: binary floating point with 512 bits, so that 0.1 + 0.2 is 0.3."""

from __future__ import annotations

import re
from fractions import Fraction

from reconciler.language.span import RefusedError

Number = int | Fraction

_PRECISION = 512
_LARGEST_EXPONENT = 4000
_LONGEST = 4000
_LARGEST_BITS = 13_300
_LOG10_OF_2 = 0.30103
_FORM = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE](?P<exponent>[+-]?[0-9]+))?")


def parse_number(text: str) -> Number | None:
    """The number that a text spells in base ten, or None."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    exponent = found["exponent"] or "0"
    if len(text) > _LONGEST or len(exponent) > 6 or abs(int(exponent)) > _LARGEST_EXPONENT:
        raise _out_of_range()
    return int(text) if text.isdigit() and len(text) < 100 else rounded(Fraction(text))


def rounded(value: Number) -> Number:
    """The nearest number that the precision can hold; of two equally near ones the even."""
    top, bottom = abs(value.numerator), value.denominator
    if top.bit_length() > _LARGEST_BITS or bottom.bit_length() > _LARGEST_BITS + _PRECISION:
        raise _out_of_range()
    if bottom == 1 and top.bit_length() <= _PRECISION:
        return value.numerator
    scale = _PRECISION - 1 - _exponent(top, bottom)
    nearest = Fraction(round(value * Fraction(2) ** scale)) / Fraction(2) ** scale
    return nearest.numerator if nearest.denominator == 1 else nearest


def number_text(value: Number) -> str:
    """The shortest decimal that means this number and no other, without an exponent."""
    top, bottom = abs(value.numerator), value.denominator
    sign = "-" if value < 0 else ""
    if bottom == 1 and top.bit_length() <= _PRECISION:
        return f"{sign}{top}"
    magnitude = Fraction(top, bottom)
    places = _shortest(magnitude, _exponent(top, bottom))
    digits = round(magnitude * Fraction(10) ** places)
    if places <= 0:
        return f"{sign}{digits * 10**-places}"
    whole, part = divmod(digits, 10**places)
    return f"{sign}{whole}.{part:0{places}}"


def remainder(left: Number, right: Number) -> Number:
    """What is left over; its sign is the dividend's."""
    quotient = rounded(Fraction(left) / Fraction(right))
    return rounded(left - rounded(right * int(quotient)))


def _shortest(value: Fraction, exponent: int) -> int:
    """How many decimal places (negative: trailing zeros) it takes to stay within half a step."""
    half_step = Fraction(2) ** (exponent - _PRECISION)
    # Below 1 the first places are zeros: their number is known, and trying each takes long where they are many.
    places = -len(str(int(value))) if value >= 1 else max(0, int(-exponent * _LOG10_OF_2) - 1)
    while abs(Fraction(round(value * Fraction(10) ** places)) / Fraction(10) ** places - value) > half_step:
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
