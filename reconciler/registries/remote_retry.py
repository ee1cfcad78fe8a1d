"""When a request is worth another try, and how long to wait before it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Lock

REFUSED_FOR_NOW = frozenset({429})  # nothing was done, so even what must not be repeated may be sent again
TRANSIENT = frozenset({408, 499, 500, 502, 503, 504, 522}) | REFUSED_FOR_NOW
_TRIES = 5
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 60.0


@dataclass(slots=True)
class Patience:
    """How long all requests to one registry may wait together; after that the first trouble is the last.

    `pause` and `jitter` are there for tests that do not want to wait.
    """

    seconds: float = 120.0
    pause: Callable[[float], None] = time.sleep
    jitter: Callable[[float, float], float] = random.uniform
    _mutex: Lock = field(default_factory=Lock)

    def wait(self, tried: int, headers: Mapping[str, str]) -> bool:
        """Whether to try again; returns when it is time to."""
        if tried >= _TRIES:
            return False
        asked = retry_after(headers.get("Retry-After", ""), datetime.now(UTC))
        drawn = self.jitter(0, min(_LONGEST_WAIT, _FIRST_WAIT * 2**tried))
        seconds = max(drawn, min(asked, _LONGEST_WAIT))
        with self._mutex:
            if seconds > self.seconds:
                return False
            self.seconds -= seconds
        self.pause(seconds)
        return True


def retry_after(text: str, now: datetime) -> float:
    """The seconds that a Retry-After header asks for, as a number or a date; 0 where it asks for nothing sensible."""
    if text.isascii() and text.strip().isdigit():
        return float(text[:9])
    try:
        when = parsedate_to_datetime(text)
        return max(0.0, (when.astimezone(UTC) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return 0.0
