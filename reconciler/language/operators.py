"""What operators do to values, converting strings where HCL does. What is sensitive or unknown makes the result so."""

from __future__ import annotations

from collections.abc import Callable

from reconciler.language.arithmetic import added, divided, multiplied, negated, remainder, subtracted
from reconciler.language.equality import compared
from reconciler.language.number import Number
from reconciler.language.span import RefusedError
from reconciler.language.types import ANY, BOOL, NUMBER, STRING, Type
from reconciler.language.value import (
    Unknown,
    Value,
    holds_sensitive,
    is_sensitive,
    mark,
    named,
    shown,
    to_bool,
    to_number,
    unmark,
)

_COMPARISONS: dict[str, Callable[[Number, Number], bool]] = {
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}
_ARITHMETIC: dict[str, Callable[[Number, Number], Number]] = {
    "+": added,
    "-": subtracted,
    "*": multiplied,
    "/": divided,
    "%": remainder,
}


def binary(operator: str, left: Value, right: Value) -> Value:
    """`left operator right`."""
    if operator in ("==", "!="):
        same = compared(left, right)
        found: Value = Unknown(BOOL, certain=True) if same is None else same == (operator == "==")
        return mark(found, holds_sensitive(left) or holds_sensitive(right))
    calculate = _logic if operator in ("&&", "||") else _calculation
    return mark(calculate(operator, left, right), is_sensitive(left) or is_sensitive(right))


def unary(operator: str, operand: Value) -> Value:
    """`-operand` or `!operand`."""
    if operator == "-":
        number = _number(operand, "operand")
        return mark(Unknown(NUMBER, certain=True) if number is None else negated(number), is_sensitive(operand))
    found = _truth(operand, "operand")
    return mark(Unknown(BOOL, certain=True) if found is None else not found, is_sensitive(operand))


def truth(value: Value, summary: str, what: str) -> bool | None:
    """The truth value of a condition without its mark; None where it is unknown."""
    bare, _ = unmark(value)
    if isinstance(bare, Unknown):
        return None
    found = to_bool(bare)
    if found is None:
        raise RefusedError(summary, f"{what} is {_given(value)}, and a bool is wanted here.", _hint(value))
    return found


def _logic(operator: str, left: Value, right: Value) -> Value:
    truths = _truth(left, "left operand"), _truth(right, "right operand")
    if None in truths:
        return Unknown(BOOL, certain=True)
    return all(truths) if operator == "&&" else any(truths)


def _calculation(operator: str, left: Value, right: Value) -> Value:
    first, second = _number(left, "left operand"), _number(right, "right operand")
    if first is None or second is None:
        return Unknown(BOOL if operator in _COMPARISONS else NUMBER, certain=True)
    if operator in _COMPARISONS:
        return _COMPARISONS[operator](first, second)
    if operator == "/" and second == 0:
        raise RefusedError("Division by zero", "The right operand is 0, and no number can be divided by it.")
    return _ARITHMETIC[operator](first, second)


def _number(value: Value, which: str) -> Number | None:
    bare, _ = unmark(value)
    if isinstance(bare, Unknown):
        _check_unknown(bare, NUMBER, which)
        return None
    number = to_number(bare)
    if number is None:
        raise RefusedError("Invalid operand", f"The {which} is {_given(value)}, and a number is wanted here.")
    return number


def _truth(value: Value, which: str) -> bool | None:
    bare, _ = unmark(value)
    if isinstance(bare, Unknown):
        _check_unknown(bare, BOOL, which)
    return truth(value, "Invalid operand", f"The {which}")


def _check_unknown(value: Unknown, wanted: Type, which: str) -> None:
    """Refuse what can never be of the type, whatever it turns out to be."""
    if value.type not in (ANY, STRING, wanted):
        detail = f"The {which} is {named(value)}, and a {wanted} is wanted here."
        raise RefusedError("Invalid operand", detail)


def _given(value: Value) -> str:
    if is_sensitive(value):
        return shown(value)
    return f"the string {shown(value)}" if isinstance(value, str) else named(value)


def _hint(value: Value) -> str:
    folded = value.lower() if isinstance(value, str) else ""
    return f"did you mean `{folded}`?" if folded in ("true", "false") else ""
