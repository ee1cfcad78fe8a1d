"""Scans the inside of strings and heredocs up to an interpolation, a directive or the end."""

from __future__ import annotations

from typing import NoReturn

from reconciler.language.spaces import SPACES
from reconciler.language.tokens import DIRECTIVE, HEREDOC, HOLE, QUOTED, Scan
from reconciler.model.pattern import lazy_pattern

_QUOTED_TEXT = lazy_pattern(r'(?:\$\$\{|%%\{|\\[^\n]|[^"\\$%\r\n]|[$%](?!\{))+')
_HEREDOC_STOP = lazy_pattern(r"\$\$\{|%%\{|[$%]\{|\n|\r(?!\n)")


def scan_text(scan: Scan) -> None:
    """One run of literal text, and the mark that ends it."""
    if scan.frames[-1].kind == QUOTED:
        _quoted(scan)
    else:
        _heredoc(scan)


def _quoted(scan: Scan) -> None:
    if found := _QUOTED_TEXT.match(scan.text, scan.at):
        scan.emit("STRING_CHARS", found.start(), found.end())
        scan.at = found.end()
    mark = scan.text[scan.at : scan.at + 1]
    if mark == '"':
        scan.close()
        scan.emit("DBLQUOTE", scan.at, scan.at + 1, value=True)
        scan.at += 1
    elif mark in ("$", "%"):
        _open_hole(scan, scan.at)
    elif mark == "\r" and not scan.text.startswith("\n", scan.at + 1):
        _fail_return(scan, scan.at)
    elif mark == "" or scan.at + 1 >= len(scan.text):
        scan.fail_unclosed()
    else:
        detail = "A string in quotes must end on the line where it begins. Use a heredoc (`<<EOT`) or `\\n`."
        scan.fail("Invalid multi-line string", detail, scan.frames[-1].start, scan.at)


def _heredoc(scan: Scan) -> None:
    start = scan.at
    if _at_line_start(scan, start) and _ends_here(scan, start):
        return
    at = start
    while found := _HEREDOC_STOP.search(scan.text, at):
        at = found.end()
        if found.group() == "\r":
            _fail_return(scan, found.start())
        if found.group() == "\n":
            if _marker_line(scan, at) is None:
                continue
            scan.emit("STRING_CHARS", start, at)
            _ends_here(scan, at)
            return
        if len(found.group()) == 2:
            if found.start() > start:
                scan.emit("STRING_CHARS", start, found.start())
            _open_hole(scan, found.start())
            return
    scan.fail_unclosed()


def _fail_return(scan: Scan, at: int) -> NoReturn:
    detail = "Here stands a carriage return that ends no line. In a string in quotes it is written `\\r`."
    scan.fail("Invalid character", detail, at, at + 1)


def _at_line_start(scan: Scan, at: int) -> bool:
    return at == scan.frames[-1].end


def _marker_line(scan: Scan, at: int) -> tuple[int, int, int] | None:
    """The span of the end marker when the line that begins here holds nothing else; and the end of the line."""
    found = scan.text.find("\n", at)
    end = len(scan.text) if found < 0 else found
    line = scan.text[at:end]
    marker = scan.frames[-1].marker
    if line.strip(SPACES) != marker or "\r" in line[:-1]:
        return None
    first = at + line.index(marker)
    return first, first + len(marker), end


def _ends_here(scan: Scan, at: int) -> bool:
    span = _marker_line(scan, at)
    if span is None:
        return False
    scan.close()
    first, last, scan.at = span
    scan.emit("DBLQUOTE", first, last, value=True)
    return True


def _open_hole(scan: Scan, at: int) -> None:
    end = at + 3 if scan.text.startswith("~", at + 2) else at + 2
    kind = HOLE if scan.text[at] == "$" else DIRECTIVE
    scan.emit("INTERP_START" if kind == HOLE else "DIRECTIVE_START", at, end)
    scan.open(kind, at, end)
    scan.at = end


def open_heredoc(scan: Scan, start: int, end: int) -> None:
    """`<<EOT` and the end of its line."""
    marker = scan.text[start:end].lstrip("<-").strip()
    scan.emit("DBLQUOTE", start, end)
    scan.open(HEREDOC, start, end, marker)
