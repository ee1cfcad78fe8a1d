"""Reads the verbs of format strings, such as `%-8.3f` and `%[2]s`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.language.functions.signature import CallError
from reconciler.language.value import shown
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern

_WIDEST = 1_000_000
_MOST_PLACES = 4_000

_PART = lazy_pattern(
    r"(?P<text>[^%]+)|(?P<percent>%%)"
    r"|%(?P<flags>[-+ 0#]*)(?P<width>\d{1,9})?(?:\.(?P<places>\d{0,9}))?"
    r"(?:\[(?P<argument>\d{1,9})\])?(?P<verb>[a-zA-Z])",
    re.ASCII,
)
_KNOWN = "vtbdoxXeEfgGsq"


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb, and which of the arguments it takes, counted from 0."""

    text: str
    letter: str
    flags: str
    width: int
    places: int | None
    argument: int

    def padded(self, text: str, length: int) -> str:
        """The text of that many characters made as wide as was asked for."""
        padding = ("0" if "0" in self.flags else " ") * max(0, self.width - length)
        return text + padding if "-" in self.flags else padding + text

    def signed(self, negative: bool, digits: str, *, zeros: bool) -> str:
        """A number's digits with their sign, as wide as was asked for; zeros stand behind the sign."""
        sign = "-" if negative else "+" if "+" in self.flags else " " if " " in self.flags else ""
        if zeros and "0" in self.flags:
            return sign + digits.rjust(self.width - len(sign), "0")
        text = sign + digits
        return text.ljust(self.width) if "-" in self.flags else text.rjust(self.width)


def parts_of(pattern: str) -> Iterator[str | Verb]:
    """Literal text and verbs, in order."""
    at = argument = 0
    while at < len(pattern):
        found = _PART.match(pattern, at)
        if found is None or (found["verb"] and found["verb"] not in _KNOWN):
            raise _unknown(pattern, at)
        at = found.end()
        if found["verb"] is None:
            yield found["text"] or "%"
            continue
        if found["argument"]:
            argument = int(found["argument"]) - 1
        yield _verb(found, argument)
        argument += 1


def _verb(found: re.Match[str], argument: int) -> Verb:
    width, places = int(found["width"] or 0), found["places"]
    if width > _WIDEST or int(places or 0) > _MOST_PLACES:
        raise CallError(f"`{found.group()}` is wider than {_WIDEST:,} characters or has over {_MOST_PLACES:,} places.")
    if argument < 0:
        raise CallError(f"`{found.group()}` takes argument 0, and arguments are counted from 1.")
    exact = int(places or 0) if places is not None else None
    return Verb(found.group(), found["verb"], found["flags"], width, exact, argument)


def _unknown(pattern: str, at: int) -> CallError:
    detail = f"At character {at + 1} of the format string, {shown(pattern[at : at + 12])} begins with no known verb."
    return CallError(detail, "a percent sign itself is written `%%`")
