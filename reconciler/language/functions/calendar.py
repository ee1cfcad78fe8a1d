"""Moments as RFC 3339 writes them, and spans of time, without a clock."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern

SECOND = 1_000_000_000

_MOMENT = lazy_pattern(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII)
# What Go's own reader takes beyond that.
_LAX_MOMENT = lazy_pattern(_MOMENT.pattern.replace(r"T(\d\d)", r"T(\d\d?)").replace(r"\.", "[.,]"), re.ASCII)
_UNITS = {
    "ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 1_000_000, "s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND,
}  # fmt: skip
_SPAN = lazy_pattern(r"(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_LONGEST_SPAN = 2**63


class Day(NamedTuple):
    """A date in the Gregorian calendar, also before there was one."""

    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Moment:
    """Nanoseconds since 1970 in UTC, and how many minutes clocks are ahead there where it is told."""

    nanoseconds: int
    ahead: int

    @property
    def days(self) -> int:
        """Days since 1970, on local clocks."""
        return self._local // (86400 * SECOND)

    @property
    def second_of_day(self) -> int:
        """Whole seconds since midnight, on local clocks."""
        return self._local // SECOND % 86400

    @property
    def _local(self) -> int:
        return self.nanoseconds + self.ahead * 60 * SECOND

    def later(self, nanoseconds: int) -> Moment:
        """The moment that much later, or earlier."""
        return replace(self, nanoseconds=self.nanoseconds + nanoseconds)

    def __str__(self) -> str:
        day, clock = day_of(self.days), self.second_of_day
        year = f"{'-' if day.year < 0 else ''}{abs(day.year):04}"
        zone = zone_text(self.ahead, ":") if self.ahead else "Z"
        time = f"{clock // 3600:02}:{clock // 60 % 60:02}:{clock % 60:02}"
        return f"{year}-{day.month:02}-{day.day:02}T{time}{zone}"


def moment(text: str, *, lax: bool = False) -> Moment | None:
    """The moment that a text tells, or None; `lax`: as Go reads it, which is not as strict as RFC 3339."""
    found = (_LAX_MOMENT if lax else _MOMENT).fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.group(1, 2, 3, 4, 5, 6))
    zone_hour, zone_minute = int(found[9] or 0), int(found[10] or 0)
    if not (1 <= month <= 12 and 1 <= day <= _length(year, month) and hour < 24 and minute < 60 and second < 60):
        return None
    if zone_hour > (24 if lax else 23) or zone_minute > (60 if lax else 59):
        return None
    ahead = (zone_hour * 60 + zone_minute) * (-1 if found[8] == "-" else 1)
    fraction = int((found[7] or "")[:9].ljust(9, "0"))
    seconds = days_of(Day(year, month, day)) * 86400 + hour * 3600 + minute * 60 + second - ahead * 60
    return Moment(seconds * SECOND + fraction, ahead)


def span(text: str) -> int | None:
    """The nanoseconds that a text such as `-1h30m` tells, or None."""
    bare = text[1:] if text[:1] in ("+", "-") else text
    if bare == "0":
        return 0
    total = at = 0
    while found := _SPAN.match(bare, at):
        whole, part = found[1], found[2] or ""
        if not (whole or part) or len(whole) > 20:
            return None
        unit = _UNITS[found[3]]
        total += int(whole or 0) * unit + int(int(part or 0) * unit // 10 ** len(part)) if len(part) < 50 else 0
        at = found.end()
    if at < len(bare) or not bare or total >= _LONGEST_SPAN:
        return None
    return -total if text[0] == "-" else total


def zone_text(ahead: int, between: str) -> str:
    """How far clocks are ahead, as `+05:30`."""
    hours, minutes = divmod(abs(ahead), 60)
    return f"{'-' if ahead < 0 else '+'}{hours:02}{between}{minutes:02}"


def days_of(date: Day) -> int:
    """Days since 1970; years are counted from March, so that the odd day is the last."""
    year = date.year - (date.month <= 2)
    era, of_era = divmod(year, 400)
    of_year = (153 * ((date.month + 9) % 12) + 2) // 5 + date.day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


def day_of(days: int) -> Day:
    """The date that many days after 1970 began."""
    era, of_era = divmod(days + 719468, 146097)
    year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    return Day(era * 400 + year + (month <= 2), month, day)


def _length(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31
