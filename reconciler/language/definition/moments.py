"""`exclude_newer`: the moment at which the package index is looked at."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from reconciler.language.definition.reading import Reading
from reconciler.model.pattern import lazy_pattern

_NAME = "exclude_newer"
_DAY = lazy_pattern(r"\d{4}-\d\d-\d\d")
_MOMENT = lazy_pattern(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)")


def read_moment(reading: Reading) -> str:
    """The moment in UTC; a day means until its end, as uv has it, whatever the time zone of the machine."""
    given = reading.text(_NAME)
    if not given:
        return ""
    try:
        if _DAY.fullmatch(given):
            moment = datetime.combine(date.fromisoformat(given) + timedelta(days=1), datetime.min.time(), UTC)
        else:
            moment = datetime.fromisoformat(given if _MOMENT.fullmatch(given) else "").astimezone(UTC)
    except (ValueError, OverflowError):
        detail = f"`{given[:40]}` is neither a day, such as `2026-01-31`, nor a moment, such as `2026-01-31T12:00:00Z`."
        reading.refuse(_NAME, "Invalid argument value", detail)
        return ""
    return moment.isoformat().replace("+00:00", "Z")
