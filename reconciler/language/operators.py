"""What operators do to values, converting strings where HCL does."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from reconciler.language.equality import equal
from reconciler.language.number import Number, remainder, rounded
from reconciler.language.span import RefusedError
from reconciler.language.value import Value, named, shown, to_bool, to_number

_COMPARISONS: dict[str, Callable[[Number, Number], bool]] = {
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}
_ARITHMETIC: dict[str, Callable[[Number, Number], Number]] = {
    "+": lambda left, right: rounded(left + right),
    "-": lambda left, right: rounded(left - right),
    "*": lambda left, right: rounded(left * right),
    "/": lambda left, right: rounded(Fraction(left) / Fraction(right)),
    "%": remainder,
}


def binary(operator: str, left: Value, right: Value) -> Value:
    """`left operator right`."""
    if operator == "==":
        return equal(left, right)
    if operator == "!=":
        return not equal(left, right)
    if operator in ("&&", "||"):
        truths = _truth(left, "left operand"), _truth(right, "right operand")
        return all(truths) if operator == "&&" else any(truths)
    first, second = _number(left, "left operand"), _number(right, "right operand")
    if operator in _COMPARISONS:
        return _COMPARISONS[operator](first, second)
    if operator in ("/", "%") and second == 0:
        raise RefusedError("Division by zero", "The right operand is 0, and no number can be divided by it.")
    return _ARITHMETIC[operator](first, second)


def unary(operator: str, operand: Value) -> Value:
    """`-operand` or `!operand`."""
    return -_number(operand, "operand") if operator == "-" else not _truth(operand, "operand")


def truth(value: Value, summary: str, what: str) -> bool:
    """The truth value of a condition."""
    found = to_bool(value)
    if found is None:
        raise RefusedError(summary, f"{what} is {_given(value)}, and a bool is wanted here.", _hint(value))
    return found


def _number(value: Value, which: str) -> Number:
    number = to_number(value)
    if number is None:
        raise RefusedError("Invalid operand", f"The {which} is {_given(value)}, and a number is wanted here.")
    return number


def _truth(value: Value, which: str) -> bool:
    return truth(value, "Invalid operand", f"The {which}")


def _given(value: Value) -> str:
    return f"the string {shown(value)}" if isinstance(value, str) else named(value)


def _hint(value: Value) -> str:
    folded = value.lower() if isinstance(value, str) else ""
    return f"did you mean `{folded}`?" if folded in ("true", "false") else ""
