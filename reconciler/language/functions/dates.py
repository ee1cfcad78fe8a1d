"""Functions of moments: formatdate, timeadd, timecmp."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from reconciler.language.functions.calendar import Day, Moment, day_of, moment, span, zone_text
from reconciler.language.functions.signature import ArgumentError, Family
from reconciler.language.number import counted
from reconciler.language.value import Value, shown
from reconciler.model.pattern import lazy_pattern

FAMILY = Family()
function = FAMILY.function

_MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
_DAYS = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"]
_PART = lazy_pattern(r"''|'(?:[^']|'')*+(?:'|\Z)|([A-Za-z])\1*|[^A-Za-z']+")

_FIELDS: Mapping[str, Callable[[Moment, Day], str]] = {
    "YYYY": lambda _, day: f"{day.year:04}",
    "YY": lambda _, day: f"{day.year % 100:02}",
    "MMMM": lambda _, day: _MONTHS[day.month - 1],
    "MMM": lambda _, day: _MONTHS[day.month - 1][:3],
    "MM": lambda _, day: f"{day.month:02}",
    "M": lambda _, day: str(day.month),
    "DD": lambda _, day: f"{day.day:02}",
    "D": lambda _, day: str(day.day),
    "EEEE": lambda at, _: _DAYS[at.days % 7],
    "EEE": lambda at, _: _DAYS[at.days % 7][:3],
    "hh": lambda at, _: f"{_hour(at):02}",
    "h": lambda at, _: str(_hour(at)),
    "HH": lambda at, _: f"{_hour(at) % 12 or 12:02}",
    "H": lambda at, _: str(_hour(at) % 12 or 12),
    "AA": lambda at, _: "AM" if _hour(at) < 12 else "PM",
    "aa": lambda at, _: "am" if _hour(at) < 12 else "pm",
    "mm": lambda at, _: f"{_minute(at):02}",
    "m": lambda at, _: str(_minute(at)),
    "ss": lambda at, _: f"{at.second_of_day % 60:02}",
    "s": lambda at, _: str(at.second_of_day % 60),
    "Z": lambda at, _: zone_text(at.ahead, ":") if at.ahead else "Z",
    "ZZZ": lambda at, _: zone_text(at.ahead, "") if at.ahead else "UTC",
    "ZZZZ": lambda at, _: zone_text(at.ahead, ""),
    "ZZZZZ": lambda at, _: zone_text(at.ahead, ":"),
}


@function("formatdate(format string, time string) string")
def _formatdate(pattern: str, time: str) -> Value:
    at = _moment(time, 1)
    day = day_of(at.days)
    return "".join(_field(found, at, day) for found in _PART.finditer(pattern))


@function("timeadd(timestamp string, duration string) string?")
def _timeadd(time: str, duration: str) -> Value:
    at = _moment(time, 0)
    length = span(duration)
    if length is None:
        detail = f"{shown(duration)} is no duration: it is written like `1h30m` or `-90s`."
        raise ArgumentError(1, detail, "units are `h`, `m`, `s`, `ms`, `us` and `ns`; a day is `24h`")
    return str(at.later(length))


@function("timecmp(timestamp_a string, timestamp_b string) number")
def _timecmp(first: str, second: str) -> Value:
    left, right = _moment(first, 0, lax=True).nanoseconds, _moment(second, 1, lax=True).nanoseconds
    return counted((left > right) - (left < right))


def _moment(text: str, at: int, *, lax: bool = False) -> Moment:
    found = moment(text, lax=lax)
    if found is None:
        detail = f"{shown(text)} is no moment as RFC 3339 writes them, such as `2017-11-22T00:00:00Z`."
        raise ArgumentError(at, detail)
    return found


def _field(found: re.Match[str], at: Moment, day: Day) -> str:
    text = found.group()
    if text == "''":
        return "'"
    if text.startswith("'"):
        # As Terraform has it: at the very end, one of two quotes closes.
        if len(text) < 2 or not text.endswith("'"):
            raise ArgumentError(0, "A quote opens literal text here, and nothing closes it.")
        return text[1:-1].replace("''", "'")
    if found[1] is None:
        return text
    if text not in _FIELDS:
        alike = [name for name in _FIELDS if name[0] == text[0]]
        hint = f"there are {', '.join(f'`{name}`' for name in alike)}" if alike else "literal text stands in '…'"
        raise ArgumentError(0, f"`{text}` names no part of a date.", hint)
    return _FIELDS[text](at, day)


def _hour(at: Moment) -> int:
    return at.second_of_day // 3600


def _minute(at: Moment) -> int:
    return at.second_of_day // 60 % 60
