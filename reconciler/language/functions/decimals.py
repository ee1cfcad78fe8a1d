"""Writes numbers with exponents and to a number of places, rounding exactly: halves go to the even digit."""

from __future__ import annotations

from fractions import Fraction

from reconciler.language.arithmetic import negated
from reconciler.language.number import Number, is_minus, number_text

_LEAST_FIXED = -4
_USUAL_PLACES = 6


def magnitude(value: Number) -> Number:
    """The number without its sign."""
    return negated(value) if is_minus(value) else value


def fixed(value: Number, places: int) -> str:
    """The digits of a number that is not below 0, with so many places."""
    scaled = round(Fraction(value) * 10**places)
    whole, part = divmod(scaled, 10**places)
    return f"{whole}.{part:0{places}}" if places else str(whole)


def scientific(value: Number, places: int | None) -> str:
    """The same with an exponent; with as many digits as it takes where `places` is None."""
    digits, exponent = _digits(value, None if places is None else places + 1)
    if places is not None:
        digits = digits.ljust(places + 1, "0")
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"


def general(value: Number, significant: int | None) -> str:
    """Whichever is shorter, without zeros at the end."""
    digits, exponent = _digits(value, None if significant is None else max(1, significant))
    if significant is None:
        limit = _USUAL_PLACES
    else:
        limit = max(1, significant)
        if limit > len(digits) > exponent:
            limit = len(digits)
    if exponent < _LEAST_FIXED or exponent >= limit:
        return scientific(value, len(digits) - 1)
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    padded = digits.ljust(exponent + 1, "0")
    return f"{padded[: exponent + 1]}.{padded[exponent + 1 :]}".rstrip(".")


def _digits(value: Number, count: int | None) -> tuple[str, int]:
    """The significant digits without zeros at the end, and the exponent of the first."""
    if not value:
        return "0", 0
    if count is None:
        whole, _, part = number_text(value).partition(".")
        significant = (whole + part).lstrip("0")
        exponent = len(whole) - 1 if whole != "0" else len(significant) - len(part) - 1
        return significant.rstrip("0"), exponent
    exponent = _exponent(value)
    scaled = round(Fraction(value) * Fraction(10) ** (count - 1 - exponent))
    if scaled >= 10**count:
        scaled, exponent = scaled // 10, exponent + 1
    return str(scaled).rstrip("0"), exponent


def _exponent(value: Number) -> int:
    """The e in 10^e <= value < 10^(e+1)."""
    fraction = Fraction(value)
    guess = len(str(fraction.numerator)) - len(str(fraction.denominator)) if fraction >= 1 else _below_one(fraction)
    while fraction < Fraction(10) ** guess:
        guess -= 1
    while fraction >= Fraction(10) ** (guess + 1):
        guess += 1
    return guess


def _below_one(fraction: Fraction) -> int:
    return -len(str(int(1 / fraction)))
