"""Lines of tokens: how far each is indented, and which `=` and comments stand in columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from reconciler.language.formatting.graphemes import columns
from reconciler.language.formatting.lexer import (
    HEREDOC,
    HOLE,
    HOLE_END,
    LINE_COMMENT,
    NEWLINE,
    Token,
    tokens,
)
from reconciler.language.formatting.spacing import blank_between
from reconciler.model.frozen import dataclass

_INDENT = "  "
_BRACKETS = {"{": 1, "[": 1, "(": 1, HOLE: 1, "}": -1, "]": -1, ")": -1, HOLE_END: -1}


@dataclass(slots=True)
class Line:
    """One line in work. `value` is what may move to the right as a whole, `=` first; so may the comment."""

    text: str
    width: int
    value: str = ""
    value_width: int = 0
    comment: str = ""
    end: str = ""


def format_text(text: str) -> str:
    """The text with its white space set anew; all that is not white space stays. For texts that can be parsed."""
    found = tokens(text)
    lines = list(_lines(_rows(found)))
    _line_up_values(lines)
    _line_up_comments(lines)
    return "".join(line.text + line.end for line in lines) + _last_blanks(text, found)


def _last_blanks(text: str, found: Sequence[Token]) -> str:
    """Terraform keeps those after the last newline, as spaces; so do we."""
    if found and found[-1].text.endswith((" ", "\t")):
        return ""
    return " " * (len(text) - len(text.rstrip(" \t")))


def _rows(found: Iterable[Token]) -> Iterator[list[Token]]:
    """The tokens line by line; a heredoc or long comment belongs to the line that it begins on."""
    row: list[Token] = []
    for token in found:
        row.append(token)
        if token.kind in (NEWLINE, LINE_COMMENT):
            yield row
            row = []
    if row:
        yield row


def _lines(rows: Iterable[list[Token]]) -> Iterator[Line]:
    levels: list[int] = []
    for row in rows:
        change = _bracket_balance(row)
        if change < 0:
            _close(levels, -change)
        yield _line(row, _INDENT * len(levels))
        if change > 0:
            levels.append(change)


def _bracket_balance(row: Sequence[Token]) -> int:
    balance = 0
    for kind, _ in row:
        if kind in _BRACKETS:
            balance += _BRACKETS[kind]
        elif kind == HEREDOC:
            break
    return balance


def _close(levels: list[int], count: int) -> None:
    """Brackets that were opened on one line make one level; it ends when all of them are closed."""
    while count and levels:
        closed = min(count, levels[-1])
        levels[-1] -= closed
        count -= closed
        if not levels[-1]:
            levels.pop()


def _line(row: list[Token], indent: str) -> Line:
    end, comment = "", ""
    if row[-1].kind == NEWLINE:
        end = row.pop().text
    elif row[-1].kind == LINE_COMMENT and len(row) > 1:
        comment = row.pop().text
    if not row:
        return Line("", 0, end=end)
    parts, equals = _spaced(row, indent)
    line = _in_two(parts, equals)
    line.comment, line.end = comment, end
    return line


def _spaced(row: Sequence[Token], indent: str) -> tuple[list[str], int]:
    """The texts and blanks of a line, and where in them the first `=` is if what follows can move: 0 if not."""
    parts, equals, balance = [indent], 0, 0
    before: str | None = None
    left: str | None = None
    for kind, text in row:
        if left is not None and kind == "=" and not equals:
            equals = len(parts)
        elif left is not None and blank_between(before, left, kind):
            parts.append(" ")
        if equals and kind in _BRACKETS:
            balance += _BRACKETS[kind]
        parts.append(text)
        before, left = left, kind
    if equals and balance:
        parts.insert(equals, " ")
        equals = 0
    return parts, equals


def _in_two(parts: list[str], equals: int) -> Line:
    if not equals:
        return Line("".join(parts), _width(parts))
    name, value = parts[:equals], parts[equals:]
    return Line("".join(name), _width(name), "".join(value), _width(value))


def _width(parts: Iterable[str]) -> int:
    return sum(map(columns, parts))


def _line_up_values(lines: Iterable[Line]) -> None:
    for movable, group in groupby(lines, key=lambda line: bool(line.value)):
        if movable:
            neighbours = list(group)
            column = max(line.width for line in neighbours) + 1
            for line in neighbours:
                line.text += " " * (column - line.width) + line.value
                line.width = column + line.value_width


def _line_up_comments(lines: Iterable[Line]) -> None:
    for commented, group in groupby(lines, key=lambda line: bool(line.comment)):
        if commented:
            neighbours = list(group)
            column = max(line.width for line in neighbours) + 1
            for line in neighbours:
                line.text += " " * (column - line.width) + line.comment
