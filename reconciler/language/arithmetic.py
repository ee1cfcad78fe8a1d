"""What becomes of two numbers: exact, then rounded to the precision of the more precise one."""

from __future__ import annotations

from fractions import Fraction

from reconciler.language.number import Number, bits_of, is_minus, rounded

# The quotients of whole numbers below this are rounded to no whole number that they are not, whatever their precision.
_EXACT = 2**48


def negated(value: Number) -> Number:
    """The number with the other sign; zero too has one."""
    return rounded(-value, bits_of(value), minus=not is_minus(value))


def added(left: Number, right: Number) -> Number:
    """`left + right`."""
    return rounded(left + right, _finer(left, right), minus=is_minus(left) and is_minus(right))


def subtracted(left: Number, right: Number) -> Number:
    """`left - right`."""
    return rounded(left - right, _finer(left, right), minus=is_minus(left) and not is_minus(right))


def multiplied(left: Number, right: Number) -> Number:
    """`left * right`: as many bits more as it takes to be exact."""
    minus = is_minus(left) != is_minus(right)
    exact = rounded(left * right, minus=minus)
    bits = _finer(left, right)
    return rounded(exact, max(bits, _used(exact)), minus=minus) if bits != bits_of(exact) else exact


def divided(left: Number, right: Number) -> Number:
    """`left / right`, which is not 0."""
    quotient = Fraction(left) / Fraction(right)
    return rounded(quotient, _finer(left, right), minus=is_minus(left) != is_minus(right))


def remainder(left: Number, right: Number) -> Number:
    """What is left over; its sign and precision are the dividend's. Dividing by 0 leaves everything."""
    if not right:
        return left
    bits = bits_of(left)
    if left and isinstance(left, int) and isinstance(right, int) and max(abs(left), abs(right)) < _EXACT:
        rest = abs(left) % abs(right)
        return rounded(-rest if left < 0 else rest, bits)
    times = rounded(int(divided(left, right)), bits)
    taken = rounded(right * times, bits, minus=is_minus(right) != is_minus(times))
    return rounded(left - taken, bits, minus=is_minus(left) and not is_minus(taken))


def _finer(left: Number, right: Number) -> int:
    return max(bits_of(left), bits_of(right))


def _used(value: Number) -> int:
    """How many bits a number needs."""
    top = abs(value.numerator)
    return top.bit_length() - ((top & -top).bit_length() - 1) if top else 0
