"""Rules about the version of Python: given once, readable, and alive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from reconciler.language.lint.facts import Broken, Facts, Stated
from reconciler.model.pattern import lazy_pattern

NEAR = timedelta(days=180)

# The last day of each version; those in the future are the last day of the month that python.org plans.
ENDS_OF_LIFE = {
    (2, 6): date(2013, 10, 29),
    (2, 7): date(2020, 1, 1),
    (3, 0): date(2009, 6, 27),
    (3, 1): date(2012, 4, 9),
    (3, 2): date(2016, 2, 20),
    (3, 3): date(2017, 9, 29),
    (3, 4): date(2019, 3, 18),
    (3, 5): date(2020, 9, 30),
    (3, 6): date(2021, 12, 23),
    (3, 7): date(2023, 6, 27),
    (3, 8): date(2024, 10, 7),
    (3, 9): date(2025, 10, 31),
    (3, 10): date(2026, 10, 31),
    (3, 11): date(2027, 10, 31),
    (3, 12): date(2028, 10, 31),
    (3, 13): date(2029, 10, 31),
    (3, 14): date(2030, 10, 31),
}
_LATER = (3, max(minor for _, minor in ENDS_OF_LIFE) + 1)  # stands for all that are not known yet

_PART = lazy_pattern(r"\s*(?P<operator>===|~=|==|!=|<=|>=|<|>|=)?\s*(?P<version>[^\s=]+)(?:=(?P<build>\S*))?\s*")
_VERSION = lazy_pattern(r"v?(?P<numbers>\d+(?:\.\d+)*)(?P<rest>(?:\.\*|\*)?|(?:a|b|rc|\.?dev|\.?post)\d+)")
_ANY = "*"

Minor = tuple[int, int]
Constraint = tuple[str, tuple[int, ...]]


class UnreadableError(ValueError):
    """A text that is no version of Python."""


def check_python(facts: Facts, today: date) -> Iterator[Broken]:
    """All rules about Python's version."""
    stated = [*([facts.python] if facts.python else []), *(facts.conda.pythons if facts.conda else ())]
    if facts.conda is not None and not any(one.text.strip(" =") for one in stated):
        yield _missing(facts.conda.pythons[0] if facts.conda.pythons else Stated("", facts.conda.where))
    first = stated[0] if stated else None
    for other in stated[1:]:
        if first is not None and other.text != first.text:
            detail = f"Here Python is to be `{_shown(other)}`, and before it was to be `{_shown(first)}`."
            yield Broken("python-multiple", other.where, detail, "keep one of them")
    for one in stated:
        yield from _check_life(one, today)


def _missing(stated: Stated) -> Broken:
    detail = "Nothing says which Python is wanted, so it is the newest on the day of the build."
    return Broken("python-missing", stated.where, detail, "add a version to the dependencies, such as `python=3.12`")


def _shown(stated: Stated) -> str:
    return stated.text[:60] or "any"


def _check_life(stated: Stated, today: date) -> Iterator[Broken]:
    if not stated.text.strip(" =") or "{{" in stated.text:
        return
    try:
        newest = max(allowed_minors(stated.text), default=None)
    except UnreadableError as error:
        detail = f"`{str(error)[:60]}` cannot be a version of Python: it is made of numbers and dots."
        yield Broken("python-unparsable", stated.where, detail, "write it like `3.12` or `>=3.11,<3.13`")
        return
    end = ENDS_OF_LIFE.get(newest) if newest else None
    if newest is None or end is None:
        return
    name = f"Python {newest[0]}.{newest[1]}"
    if end < today:
        detail = f"{name} reached its end of life on {end}: it gets no more security fixes."
        yield Broken("python-eol", stated.where, detail, "move to a newer Python")
    elif end - today <= NEAR:
        detail = f"{name} reaches its end of life on {end}: after that it gets no security fixes."
        yield Broken("python-near-eol", stated.where, detail, "plan the move to a newer Python")


def allowed_minors(text: str) -> set[Minor]:
    """The versions, to two numbers, that a specification of conda or pip lets in; UnreadableError when it is none."""
    minors: set[Minor] = set()
    for alternative in text.split("|"):
        constraints = [_constraint(part) for part in alternative.split(",") if part.strip()]
        minors |= {minor for minor in (*ENDS_OF_LIFE, _LATER) if _admits(constraints, minor)}
    return minors


def _constraint(part: str) -> Constraint:
    found = _PART.fullmatch(part)
    if found is None:
        raise UnreadableError(part.strip())
    operator, written = found["operator"] or "=", found["version"]
    if written == _ANY:
        return ">=", (0,)
    version = _VERSION.fullmatch(written)
    if version is None:
        raise UnreadableError(written)
    numbers = tuple(int(number[:9]) for number in version["numbers"].split("."))
    if operator == "!=" and not (_ANY in version["rest"] and len(numbers) == 2):
        return ">=", (0,)  # takes one release out and leaves its line
    return operator, numbers


def _admits(constraints: Sequence[Constraint], minor: Minor) -> bool:
    return all(_satisfies(operator, numbers, minor) for operator, numbers in constraints)


def _satisfies(operator: str, numbers: tuple[int, ...], minor: Minor) -> bool:
    line = numbers[:2]
    if operator in ("=", "==", "==="):
        return minor[: len(line)] == line
    if operator == "!=":
        return minor != line
    if operator == "~=":
        return minor >= line and minor[: len(numbers) - 1] == numbers[: len(minor)][: len(numbers) - 1]
    if operator in (">", ">="):
        return minor >= line
    if operator == "<" and not any(numbers[2:]):
        return minor < _full(line)
    return minor <= _full(line)


def _full(line: tuple[int, ...]) -> tuple[int, ...]:
    return line if len(line) > 1 else (*line, 0)
