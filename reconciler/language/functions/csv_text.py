"""Reads comma-separated values as RFC 4180 has them, strictly."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.language.functions.signature import CallError
from reconciler.model.number_text import counted
from reconciler.model.pattern import lazy_pattern

_FIELD = lazy_pattern(r'"((?:[^"]|"")*)"(?P<after>[,\n]|\Z)|([^",\n]*)(?P<end>[,\n]|\Z)')


def csv_rows(text: str) -> list[tuple[str, ...]]:
    """The rows that are not blank; CallError where they are not all of one length."""
    rows = list(_rows(re.sub(r"\r(?=\n)|\r\Z", "", text)))
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(rows[0]):
            raise CallError(f"Row {number} has {counted(len(row), 'field')}, and the first has {len(rows[0])}.")
    return rows


def _rows(text: str) -> Iterator[tuple[str, ...]]:
    at, row = 0, list[str]()
    while at < len(text) or row:
        if not row and text[at] == "\n":
            at += 1
            continue
        found = _FIELD.match(text, at)
        if found is None:
            raise _misplaced(text, at)
        quoted, bare = found[1], found[3]
        row.append(bare if quoted is None else quoted.replace('""', '"'))
        if (found["after"] or found["end"]) != ",":
            yield tuple(row)
            row = []
        at = found.end()


def _misplaced(text: str, at: int) -> CallError:
    line = text.count("\n", 0, at) + 1
    if text[at] == '"':
        detail = f"Line {line} has a field that begins with a quote and does not end with one."
    else:
        detail = f"Line {line} has a quote inside of a field that does not begin with one."
    return CallError(detail, "a quote inside of a quoted field is written twice")
