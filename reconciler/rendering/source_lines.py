"""Lines of source with carets under what is wrong, measured in the columns that a terminal gives each character."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reconciler.model.diagnostic import SourceRange
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern
from reconciler.model.token import TOKEN
from reconciler.rendering.escape import safe, starts_command

if TYPE_CHECKING:
    import re

_TAB = 4
_NUMBER = 7
_WIDEST = 160
_CUT = "…"
_LOGIN = lazy_pattern(r"(?<=://)(?!git@)[!#-&(-.0-?A-~]{1,400}(?=@)")
_PASSWORD = lazy_pattern(r"(?<=[\w.-]:)[^\s/@\"':]{1,400}(?=@(?!sha\d+:))")
# `DB_PASSWORD = "…"`, `"api_key": "…"`, `ENV TOKEN=…`, `token: …`; what refers to something else stays as it is.
_NAMED = lazy_pattern(
    r"(?i)(?P<name>(?:password|passwd|pwd|passphrase|secret|token|(?:api|access|account|private|shared)_?key|"
    r"credentials?|_pat|_sas)[\"']?)(?:(?P<quoted>\s*[=:]\s*[\"'])(?!\$\{)(?P<text>[^\"']+)|"
    r"(?P<bare>=|:[ ])(?P<word>[^\s\"'$,}{]+))"
)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One line as shown, and where its carets go: how far in, how many."""

    line: int
    text: str
    indent: int
    carets: int


def masked(code: str) -> str:
    """Source without logins and what is named like a secret, for what we print ends in logs; all places stay."""
    for pattern in (_LOGIN, _PASSWORD, TOKEN):
        code = pattern.sub(lambda found: "*" * len(found.group()), code)
    return _NAMED.sub(_without_value, code)


def _without_value(found: re.Match[str]) -> str:
    before = f"{found['name']}{found['quoted'] or found['bare']}"
    return before + "*" * (len(found.group()) - len(before))


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(_width(character) for character in text)


def highlighted(subject: SourceRange, code: str, width: int) -> Iterator[Excerpt]:
    """The lines of a piece of source that begins at the subject's line, carets under the subject."""
    room = min(max(width - _NUMBER, 40), _WIDEST)
    lines = masked(code).removesuffix("\n").split("\n")
    for offset, text in enumerate(line.removesuffix("\r") for line in lines):
        line = subject.start.line + offset
        start = subject.start.column - 1 if offset == 0 else len(text) - len(text.lstrip())
        end = subject.end.column - 1 if line == subject.end.line else len(text)
        yield _excerpt(line, text, start, end if line <= subject.end.line else start, room)


def _excerpt(line: int, text: str, start: int, end: int, room: int) -> Excerpt:
    cells = _cells(text)
    before, inside = (sum(map(columns, cells[piece])) for piece in (slice(start), slice(start, end)))
    return _cropped(line, "".join(cells), before, inside, room)


def _cropped(line: int, shown: str, before: int, carets: int, room: int) -> Excerpt:
    if columns(shown) <= room:
        return Excerpt(line, shown, before, carets)
    skipped = max(0, min(before - room // 3, columns(shown) - room))
    text = _window(shown, skipped, room)
    return Excerpt(line, text, before - skipped, min(carets, room - (before - skipped)))


def _window(shown: str, skipped: int, room: int) -> str:
    """The columns from `skipped` on, as many as there is room for, with a mark at each cut."""
    at, kept = 0, ""
    first, last = skipped + (1 if skipped else 0), skipped + room - 1
    for character in shown:
        wide = _width(character)
        if first <= at and at + wide <= last:
            kept += character
        elif at < first < at + wide:
            kept += " "
        at += wide
    return (_CUT if skipped else "") + kept + (_CUT if at > last + 1 else "")


def _cells(text: str) -> list[str]:
    """What is shown for each character: tabs as blanks, harmful ones as escapes."""
    cells: list[str] = []
    at = 0
    for place, character in enumerate(text):
        if character == "#" and starts_command(text, place):
            cell = "\\u0023"
        else:
            cell = " " * (_TAB - at % _TAB) if character == "\t" else safe(character)
        cells.append(cell)
        at += columns(cell)
    return cells


def _width(character: str) -> int:
    if " " <= character <= "~":
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
