"""Powers and logarithms of doubles, step by step alike on every machine: libraries of C differ in the last digit."""

from __future__ import annotations

import math
from fractions import Fraction

_LARGEST_EXPONENT = 1 << 12
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_LN2_UPPER = 0.69314718055966295651160180568695068359375
_LN2_LOWER = 0.28235290563031577122588448175013436025525412068e-12
_LOG2_E = 1.4426950408889634073599246810018920
_FACTORIALS = (
    1.9841269841269841270e-4,
    1.3888888888888888889e-3,
    8.3333333333333333333e-3,
    4.1666666666666666667e-2,
    1.6666666666666666667e-1,
    0.5,
    1.0,
)
_EVEN = (3.999999999940941908e-01, 2.222219843214978396e-01, 1.531383769920937332e-01)
_ODD = (6.666666666666735130e-01, 2.857142874366239149e-01, 1.818357216161805012e-01, 1.479819860511658591e-01)


def logarithm(value: float) -> float:
    """The natural logarithm of a number above 0, by the series that fdlibm made known."""
    fraction, exponent = math.frexp(value)
    if fraction < math.sqrt(2) / 2:
        fraction, exponent = fraction * 2, exponent - 1
    rest = fraction - 1
    s = rest / (2 + rest)
    s2 = s * s
    s4 = s2 * s2
    odd = s2 * (_ODD[0] + s4 * (_ODD[1] + s4 * (_ODD[2] + s4 * _ODD[3])))
    even = s4 * (_EVEN[0] + s4 * (_EVEN[1] + s4 * _EVEN[2]))
    half = 0.5 * rest * rest
    return exponent * _LN2_HIGH - ((half - (s * (half + (odd + even)) + exponent * _LN2_LOW)) - rest)


def power(base: float, exponent: float) -> float:
    """The base to the exponent; `nan` where there is no such number, `inf` where it is too large."""
    special = _special(base, exponent)
    if special is not None:
        return special
    part, whole = math.modf(abs(exponent))
    if part and base < 0:
        return math.nan
    if whole >= 2.0**63:
        return _enormous(base, exponent)
    result = 1.0
    if part:
        if part > 0.5:
            part, whole = part - 1, whole + 1
        result = _exponential(part * logarithm(base))
    result, scale = _multiplied(result, base, int(whole))
    if exponent < 0:
        result, scale = 1 / result, -scale
    return _scaled(result, scale)


def _multiplied(result: float, base: float, count: int) -> tuple[float, int]:
    """The result times the base so many times, and the power of two to scale that by."""
    scale = 0
    square, doubled = math.frexp(base)
    while count:
        if abs(doubled) > _LARGEST_EXPONENT:
            return result, scale + doubled
        if count & 1:
            result, scale = result * square, scale + doubled
        square, doubled = square * square, doubled * 2
        if square < 0.5:
            square, doubled = square * 2, doubled - 1
        count >>= 1
    return result, scale


def _exponential(value: float) -> float:
    """The exponential of a small number, by the series of a sixteenth of it, squared four times."""
    scale = round(value * _LOG2_E)
    rest = (value - scale * _LN2_UPPER - scale * _LN2_LOWER) * 0.0625
    series = 2.4801587301587301587e-5
    for factor in _FACTORIALS:
        series = _fused(series, rest, factor)
    found = series * rest
    for _ in range(3):
        found *= found + 2
    return math.ldexp(_fused(found, found + 2, 1.0), scale)


def _fused(left: float, right: float, more: float) -> float:
    """`left * right + more`, rounded once, as processors do it in one step."""
    return float(Fraction(left) * Fraction(right) + Fraction(more))


def _special(base: float, exponent: float) -> float | None:
    if exponent == 0 or base == 1:
        return 1.0
    if exponent == 1:
        return base
    if base == 0:
        if exponent < 0:
            return math.inf
        return base if exponent % 2 == 1 else 0.0
    if abs(exponent) == 0.5 and base > 0:
        root = math.sqrt(base)
        return root if exponent > 0 else 1 / root
    return None


def _enormous(base: float, exponent: float) -> float:
    if base == -1:
        return 1.0
    return math.inf if (abs(base) > 1) == (exponent > 0) else 0.0


def _scaled(value: float, exponent: int) -> float:
    try:
        return math.ldexp(value, exponent)
    except OverflowError:
        return math.copysign(math.inf, value)
