"""How many columns a text takes, as Unicode's annex 29 counts: what readers see as one character is one column."""

from __future__ import annotations

from functools import cache
from unicodedata import category

from reconciler.model.pattern import lazy_pattern

# Each character becomes the letter of its class; one match of this is one column.
_COLUMN = lazy_pattern(
    r"rn|[rnc]"  # control characters stand alone
    r"|p*(?:l*(?:v+|av*|b)t*|l+|t+"  # Korean syllables in one to three parts
    r"|ff|e(?:m*je)*|[efx])[mj]*"  # flags, pictures joined to one, and everything else, with its marks
    r"|[pmj][mj]*"
)
_CLASSES = lazy_pattern(
    "(?P<r>\r)|(?P<n>\n)|(?P<j>\u200d)|(?P<f>[\U0001f1e6-\U0001f1ff])"
    "|(?P<l>[\u1100-\u115f\ua960-\ua97c])|(?P<v>[\u1160-\u11a7\ud7b0-\ud7c6])|(?P<t>[\u11a8-\u11ff\ud7cb-\ud7fb])"
    "|(?P<m>[\u0e33\u0eb3\u200c\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f])"
    "|(?P<p>[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\U000110bd\U000110cd\U000111c2\U000111c3])"
    "|(?P<x>[\u102b\u102c\u1038\u1062-\u1064\u1067-\u106d\u1083\u1087-\u108c\u108f\u109a-\u109c])"
    # Wider than Unicode's own table by symbols that nobody joins to others.
    "|(?P<e>[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d"
    "\u3297\u3299\U0001f000-\U0001faff])"
)
_CATEGORIES = {"Mn": "m", "Me": "m", "Mc": "m", "Cc": "c", "Cf": "c", "Zl": "c", "Zp": "c"}


def columns(text: str) -> int:
    """The width of a text in which tabs count as one."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    return len(_COLUMN.findall("".join(map(_class, text))))


@cache
def _class(character: str) -> str:
    if "\uac00" <= character <= "\ud7a3":
        return "b" if (ord(character) - 0xAC00) % 28 else "a"
    found = _CLASSES.match(character)
    return (found and found.lastgroup) or _CATEGORIES.get(category(character), "x")
