"""Cuts a text into its top-level blocks and arguments, so that one broken block leaves the others alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

_WORD = r"[^\W\d][\w-]*"
_HEADER = re.compile(rf'^{_WORD}(?:[ \t]+(?:"[^"\n]*"|{_WORD}))*[ \t]*\{{', re.MULTILINE)
_BLANK = re.compile(r"(?:[\s\ufeff]|\#[^\n]*|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_MARKS = r'(?P<open>[{(\[])|(?P<close>[})\]])|(?P<quote>")|(?P<comment>\#[^\n]*|//[^\n]*|/\*)'
_INNER = re.compile(rf"{_MARKS}|(?P<heredoc><<-?(?P<marker>{_WORD})[^\n]*\n)")
_OUTER = re.compile(rf"{_MARKS}|(?P<heredoc><<-?(?P<marker>{_WORD})[^\n]*\n)|(?P<newline>\n)")
_SIMPLE = re.compile(r'(?:[^"\\$%\n]|\\.|[$%](?!\{))*"')
_QUOTED = re.compile(r'\\.|\$\$\{|%%\{|[$%]\{|"|\n')
_HOLE = re.compile(r'[{}"]|\n')


def split(text: str) -> Iterator[tuple[int, int]]:
    """The spans of the pieces; together they hold everything but blank space and comments between them."""
    at = _blank_end(text, 0)
    while at < len(text):
        end = _piece_end(text, at)
        if end is None:
            following = _HEADER.search(text, at + 1)
            end = following.start() if following else len(text)
        yield at, end
        at = _blank_end(text, end)


def _blank_end(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _piece_end(text: str, at: int) -> int | None:
    """The end of the line where all brackets are closed again; None when they never are."""
    depth, braces = 0, list[int]()
    while found := (_INNER if depth else _OUTER).search(text, at):
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
            at = _string_end(text, at)
        elif kind == "comment":
            if found.group() == "/*" and (at := text.find("*/", at) + 2) < 2:
                return len(text)
        elif (closing := _heredoc_end(text, at, found["marker"])) is None:
            return None
        else:
            at = closing
    return None if depth else len(text)


def _closed(depth: int, braces: list[int], mark: str) -> int:
    """How deep it is after a bracket. A brace closes the lists in it that were left open; a stray bracket nothing."""
    if mark == "}":
        return braces.pop() if braces else 0
    return max(depth - 1, braces[-1] + 1 if braces else 0)


def _heredoc_end(text: str, at: int, marker: str) -> int | None:
    found = re.compile(rf"^[ \t]*{re.escape(marker)}[ \t\r]*$", re.MULTILINE).search(text, at)
    return found.end() if found else None


def _string_end(text: str, at: int) -> int:
    """Just after the closing quote; at the line's end where a string that may not hold newlines does."""
    if simple := _SIMPLE.match(text, at):
        return simple.end()
    holes: list[int] = []
    depth = 0
    while found := (_HOLE if depth else _QUOTED).search(text, at):
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
    return len(text)
