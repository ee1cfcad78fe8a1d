"""Cuts a text into its top-level blocks and arguments, so that one broken block leaves the others alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from reconciler.model.pattern import lazy_pattern

_WORD = r"[^\W\d][\w-]*"
_HEADER = lazy_pattern(rf'^{_WORD}(?:[ \t]+(?:"[^"\n]*"|{_WORD}))*[ \t]*\{{', re.MULTILINE)
_BYTE_ORDER_MARK = "\ufeff"
_MOST_LOOKS = 8
_BLANK = lazy_pattern(r"(?:[ \t\n]|\r(?=\n|\Z)|\#[^\n]*|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_MARKS = r'(?P<open>[{(\[])|(?P<close>[})\]])|(?P<quote>")|(?P<comment>\#[^\n]*|//[^\n]*|/\*)'
_INNER = lazy_pattern(rf"{_MARKS}|(?P<heredoc><<-?(?P<marker>{_WORD})[^\n]*\n)")
_OUTER = lazy_pattern(rf"{_MARKS}|(?P<heredoc><<-?(?P<marker>{_WORD})[^\n]*\n)|(?P<newline>\n)")
_SIMPLE = lazy_pattern(r'(?:[^"\\$%\n]|\\.|[$%](?!\{))*"')
_QUOTED = lazy_pattern(r'\\.|\$\$\{|%%\{|[$%]\{|"|\n')
_ARGUMENT = lazy_pattern(rf"{_WORD}[ \t]*=")
_HOLE = lazy_pattern(r'[{}"]|\n')

Span = tuple[int, int]


def joined(text: str, parses: Callable[[str], bool], *, inside: bool = False) -> Iterator[Span]:
    """The same, but what its layout shows to be one block is one piece.

    Layout means nothing in HCL, so it counts only where one of the parts does not parse. `inside` a block arguments
    are at their place; elsewhere they are what is left of a block whose first line is lost.
    """
    for group in _groups(text, inside=inside):
        if len(group) > 1 and not all(parses(text[start:end]) for start, end in group):
            yield group[0][0], group[-1][1]
        else:
            yield from group


def _groups(text: str, *, inside: bool) -> Iterator[list[Span]]:
    """Where a brace was lost or added, lines stand to the right of what they belong to, up to a brace just below it."""
    group: list[Span] = []
    margin = -1
    for start, end in split(text):
        column = _column(text, start)
        closing = text[start] == "}" and column <= max(margin, 0)
        if group and margin >= 0 and (column > margin or closing):
            group.append((start, end))
            margin = -1 if closing else margin
            continue
        if group:
            yield group
        group = [(start, end)]
        margin = column if _is_torn(text, start, end, column) else -1
        if margin < 0 < column and not inside and _ARGUMENT.match(text, start):
            margin = column - 1
    if group:
        yield group


def _column(text: str, at: int) -> int:
    return at - text.rfind("\n", 0, at) - 1


def _is_torn(text: str, start: int, end: int, column: int) -> bool:
    """Whether a piece looks as if more belonged to it: a header without its block, or a block that ends too early."""
    last = text.rfind("\n", start, end) + 1
    if last > start:
        return text[last:end].lstrip()[:1] == "}" and len(text[last:end]) - len(text[last:end].lstrip()) > column
    line = text[start:end].rstrip()
    return line.endswith("=") or not (_ARGUMENT.match(line) or line.endswith("}"))


def split(text: str) -> Iterator[Span]:
    """The spans of the pieces; together they hold everything but blank space and comments between them."""
    at = _blank_end(text, 1 if text.startswith(_BYTE_ORDER_MARK) else 0)
    left = _MOST_LOOKS * len(text)
    while at < len(text):
        end = _piece_end(text, at, len(text)) if left > 0 else None
        if end is None:
            following = _HEADER.search(text, at + 1)
            limit = following.start() if following else len(text)
            # Where blocks are open all over, nobody looks from each of them to the end of the text.
            end = limit if left > 0 else _piece_end(text, at, limit) or limit
            left -= len(text) - at
        yield at, end
        at = _blank_end(text, end)


def _blank_end(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _piece_end(text: str, at: int, limit: int) -> int | None:
    """The end of the line where all brackets are closed again; None when they never are before the limit."""
    depth, braces = 0, list[int]()
    while found := (_INNER if depth else _OUTER).search(text, at, limit):
        kind, at = found.lastgroup, found.end()
        if kind == "newline":
            return found.start()
        if kind == "open":
            if found.group() == "{":
                braces.append(depth)
            depth += 1
        elif kind == "close":
            depth = _closed(depth, braces, found.group())
        elif kind == "quote":
            at = _string_end(text, at, limit)
        elif kind == "comment":
            if found.group() == "/*" and (at := text.find("*/", at, limit) + 2) < 2:
                return limit
        elif (closing := _heredoc_end(text, at, limit, found["marker"])) is None:
            return None
        else:
            at = closing
    return None if depth else limit


def _closed(depth: int, braces: list[int], mark: str) -> int:
    """How deep it is after a bracket. A brace closes the lists in it that were left open; a stray bracket nothing."""
    if mark == "}":
        return braces.pop() if braces else 0
    return max(depth - 1, braces[-1] + 1 if braces else 0)


def _heredoc_end(text: str, at: int, limit: int, marker: str) -> int | None:
    found = re.compile(rf"^[ \t]*{re.escape(marker)}[ \t\r]*$", re.MULTILINE).search(text, at, limit)
    return found.end() if found else None


def _string_end(text: str, at: int, limit: int) -> int:
    """Just after the closing quote; at the line's end where a string that may not hold newlines does."""
    if simple := _SIMPLE.match(text, at, limit):
        return simple.end()
    holes: list[int] = []
    depth = 0
    while found := (_HOLE if depth else _QUOTED).search(text, at, limit):
        mark, at = found.group(), found.end()
        if depth:
            if mark == '"':
                holes.append(depth)
                depth = 0
            elif mark != "\n":
                depth += 1 if mark == "{" else -1
        elif mark == "\n":
            return found.start()
        elif mark in ("${", "%{"):
            depth = 1
        elif mark == '"':
            if not holes:
                return at
            depth = holes.pop()
    return limit
