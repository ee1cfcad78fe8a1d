"""What is never written down, wherever a program may print it: passwords in addresses, signatures and tokens."""

from __future__ import annotations

from reconciler.model.pattern import lazy_pattern
from reconciler.model.token import TOKEN

_HIDDEN = "***"
_IN_ADDRESS = lazy_pattern(r"(?<=://)[^/\s'\"@]+(?=@)")
_IN_QUERY = lazy_pattern(r"(?i)(?<=[?&])((?:[a-z_-]*(?:token|password|secret|api_?key|signature)|sig)=)[^&\s'\"#]+")
_BEARER = lazy_pattern(r"(?i)\b(authorization:\s*(?:bearer|basic)\s+)[^\s'\"]+")


def without_credentials(text: str) -> str:
    """The text, with stars in the place of what looks like somebody's password."""
    if "://" in text:
        text = _IN_QUERY.sub(rf"\1{_HIDDEN}", _IN_ADDRESS.sub(_HIDDEN, text))
    return TOKEN.sub(_HIDDEN, _BEARER.sub(rf"\1{_HIDDEN}", text))
