"""Diagnostics as people read them, and as programs do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from reconciler.model.diagnostic import Diagnostic, Severity, Snippet, SourceRange
from reconciler.rendering.escape import safe, safe_line, safe_lines
from reconciler.rendering.source_lines import Excerpt, columns, highlighted, masked
from reconciler.rendering.style import Style

_WIDTH = 78
_FEW = 3
_LABELS = {Severity.ERROR: "Error", Severity.WARNING: "Warning"}


def diagnostics_text(
    diagnostics: Iterable[Diagnostic], style: Style, width: int | None = None, *, box: bool = False
) -> str:
    """Several diagnostics, a blank line between them; width is that of a terminal, None elsewhere.

    What happened to many environments alike, as on a full disk, is told once.
    """
    alike: dict[Diagnostic, list[str]] = {}
    for diagnostic in diagnostics:
        alike.setdefault(replace(diagnostic, address=""), []).append(diagnostic.address)
    told = (
        diagnostic_text(replace(one, address=address), style, width, box=box)
        for one, addresses in alike.items()
        for address in (addresses if len(addresses) <= _FEW else [_counted(addresses)])
    )
    return "\n".join(told)


def _counted(addresses: Sequence[str]) -> str:
    return f"{', '.join(addresses[:_FEW])}, and {len(addresses) - _FEW} more" if all(addresses) else ""


def diagnostic_text(diagnostic: Diagnostic, style: Style, width: int | None = None, *, box: bool = False) -> str:
    """One diagnostic; every line ends with a newline."""
    width = max(20, (width or _WIDTH) - (2 if box else 0))
    lines = [_title(diagnostic, style), *_place(diagnostic, style, width)]
    for paragraph in (_wrapped(safe_lines(diagnostic.detail.strip("\n")), width), _hint(diagnostic.hint, style, width)):
        lines.extend(["", *paragraph] if paragraph else [])
    if box:
        lines = _boxed(lines, style, diagnostic.severity)
    return "".join(line + "\n" for line in lines)


def diagnostic_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """The object that Terraform's users parse, with `hint` and `rule` added where there are any."""
    form: dict[str, Any] = {
        "severity": str(diagnostic.severity),
        "summary": diagnostic.summary,
        "detail": diagnostic.detail,
    }
    if diagnostic.hint:
        form["hint"] = diagnostic.hint
    if diagnostic.rule:
        form["rule"] = diagnostic.rule
    if diagnostic.address:
        form["address"] = diagnostic.address
    if diagnostic.subject is not None:
        form["range"] = _range_json(diagnostic.subject)
        if diagnostic.snippet is not None:
            form["snippet"] = _snippet_json(diagnostic.subject, diagnostic.snippet)
    return form


def _title(diagnostic: Diagnostic, style: Style) -> str:
    label = _tint(style, diagnostic.severity, _LABELS[diagnostic.severity] + ":")
    rule = style.grey(f" [{safe(diagnostic.rule)}]") if diagnostic.rule else ""
    return f"{style.bold(label)} {style.bold(safe(diagnostic.summary))}{rule}"


def _tint(style: Style, severity: Severity, text: str) -> str:
    return style.red(text) if severity is Severity.ERROR else style.yellow(text)


def _place(diagnostic: Diagnostic, style: Style, width: int) -> list[str]:
    subject, snippet, lines = diagnostic.subject, diagnostic.snippet, []
    # The source tells the block; which of its instances it was, only the address does.
    if diagnostic.address and (subject is None or "[" in diagnostic.address):
        lines.append(f"  with {safe(diagnostic.address)}" + ("," if subject else ""))
    if subject is None:
        return lines
    where = f"  on {safe(subject.filename)} line {subject.start.line}"
    if snippet is None:
        return [*lines, f"{where}, column {subject.start.column}"]
    lines.append(where + (f", in {safe(snippet.context)}:" if snippet.context else ":"))
    for excerpt in highlighted(subject, snippet.code, width):
        # An empty range shows where something is missing.
        least = 1 if excerpt.line == subject.start.line else 0
        lines.extend(_code(excerpt, max(least, excerpt.carets), style, diagnostic.severity))
    lines.extend(style.grey(safe_line(f"  {name} {statement}")) for name, statement in snippet.values)
    return lines


def _code(excerpt: Excerpt, carets: int, style: Style, severity: Severity) -> list[str]:
    number = f"{excerpt.line:>5}: "
    lines = [(number + excerpt.text).rstrip()]
    if carets:
        blank = " " * (len(number) + excerpt.indent)
        lines.append(blank + _tint(style, severity, "^" * carets))
    return lines


def _hint(hint: str, style: Style, width: int) -> list[str]:
    if not hint:
        return []
    first, *rest = _wrapped("hint: " + safe_lines(hint), width)
    return [style.cyan("hint:") + first.removeprefix("hint:"), *rest]


def _boxed(lines: Sequence[str], style: Style, severity: Severity) -> list[str]:
    bar = _tint(style, severity, "│")
    inside = [f"{bar} {line}" if line else bar for line in lines]
    return [_tint(style, severity, "╷"), *inside, _tint(style, severity, "╵")]


def _wrapped(text: str, width: int) -> list[str]:
    """Lines broken at blanks; indented ones, which are there to be copied, stay whole."""
    lines: list[str] = []
    for line in text.split("\n") if text else []:
        if line.startswith((" ", "\\t")) or columns(line) <= width:
            lines.append(line.rstrip())
        else:
            # A line that begins in the middle of another may be a command where that was none.
            lines.extend(map(safe_line, _filled(line, width)))
    return lines


def _filled(line: str, width: int) -> list[str]:
    lines = [""]
    for word in line.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and columns(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return [filled.rstrip() for filled in lines]


def _range_json(subject: SourceRange) -> dict[str, Any]:
    ends = {"start": subject.start, "end": subject.end}
    places = {name: {"line": place.line, "column": place.column, "byte": place.byte} for name, place in ends.items()}
    return {"filename": subject.filename, **places}


def _snippet_json(subject: SourceRange, snippet: Snippet) -> dict[str, Any]:
    lines = snippet.code.split("\n")
    start = len(lines[0][: subject.start.column - 1].encode())
    whole = len(snippet.code.encode())
    before = lines[: subject.end.line - subject.start.line]
    end = whole
    if len(before) < len(lines):
        end = sum(len(line.encode()) + 1 for line in before)
        end += len(lines[len(before)][: subject.end.column - 1].encode())
    return {
        "context": snippet.context or None,
        "code": masked(snippet.code),
        "start_line": subject.start.line,
        "highlight_start_offset": start,
        "highlight_end_offset": min(max(end, start + 1), max(whole, start)),
        "values": [{"traversal": name, "statement": statement} for name, statement in snippet.values],
    }
