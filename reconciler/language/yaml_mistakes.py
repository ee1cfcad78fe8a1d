"""What a mistake in YAML's syntax means for whoever wrote it; the scanner's own words are for its authors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from reconciler.language.span import SpanError
from reconciler.model.pattern import lazy_pattern

_SUMMARY = "Invalid YAML"
_TAB_OR_COMMENT = lazy_pattern(r"(?:^|(?<=\s))#[^\n]*|(?P<tab>\t)", re.MULTILINE)
_NEAR = 1000
_TEMPLATE = lazy_pattern(r"\{\{.*?\}\}|\{%.*?%\}")


def explain(text: str, problem: str, at: int, opener: int) -> SpanError:
    """The mistake at an offset, where something that began at `opener` could not go on."""
    at, opener = min(at, len(text)), min(opener, len(text))
    start = at
    if at >= len(text) or text[at] in "\r\n":
        # Show the end of the last line that holds something.
        start = max(len(text[:at].rstrip()) - 1, 0)
    template = _template(text, start, opener)
    if template is not None:
        return template
    for part, tell in _MEANINGS:
        if part in problem:
            return tell(text, start, opener)
    return SpanError(_SUMMARY, "From here on the text cannot be read as YAML.", start, start + 1)


def refuse_tabs(text: str, covered: Iterable[tuple[int, int]]) -> None:
    """SpanError for a tab between values: libyaml passes over it, and other readers of YAML stop there.

    `covered` are the texts in quotes and in blocks, in order: in them, and in comments, tabs are what they are.
    """
    if "\t" not in text:
        return
    at = 0
    for start, end in (*covered, (len(text), len(text))):
        for found in _TAB_OR_COMMENT.finditer(text, at, start):
            if found["tab"]:
                detail = "Here stands a tab. Between values YAML takes spaces only."
                raise SpanError(_SUMMARY, detail, found.start("tab"), found.end("tab"), hint="write a space")
        at = end


def _template(text: str, at: int, opener: int) -> SpanError | None:
    for offset in (at, opener):
        first = text.rfind("\n", 0, offset) + 1
        last = text.find("\n", offset)
        last = len(text) if last < 0 else last
        found = _TEMPLATE.search(text, max(first, offset - _NEAR), min(last, offset + _NEAR))
        if found:
            detail = f"`{found.group()[:80]}` is a template of another tool, which envform does not fill in."
            hint = "fill the template in, or write the whole value in quotes"
            return SpanError("Template in YAML", detail, found.start(), found.end(), hint=hint)
    return None


def _at(detail: str, hint: str = "") -> Callable[[str, int, int], SpanError]:
    return lambda _text, at, _opener: SpanError(_SUMMARY, detail, at, at + 1, hint=hint)


def _since(detail: str, hint: str = "") -> Callable[[str, int, int], SpanError]:
    return lambda _text, _at, opener: SpanError(_SUMMARY, detail, opener, opener + 1, hint=hint)


def _character(text: str, at: int, _: int) -> SpanError:
    character = text[at : at + 1]
    if character == "\t":
        detail = "Here stands a tab. YAML is indented with spaces only."
        return SpanError(_SUMMARY, detail, at, at + 1, hint="replace the tab by spaces")
    detail = f"A value cannot begin with `{character}`, which YAML keeps for itself."
    return SpanError(_SUMMARY, detail, at, at + 1, hint="write the value in quotes")


def _indentation(text: str, at: int, opener: int) -> SpanError:
    line = text.count("\n", 0, opener) + 1
    blank = text[text.rfind("\n", 0, at) + 1 : at]
    if "\t" in blank and not blank.strip():
        return _character(text, at - len(blank) + blank.index("\t"), opener)
    if blank.strip():
        detail = "The value before this has ended, so nothing but a comment can follow on this line."
        return SpanError(_SUMMARY, detail, at, at + 1, hint="quote the whole value, or write the rest on another line")
    detail = (
        f"This does not go on with what begins on line {line}: all keys of a mapping, and all items of a list, "
        "are indented alike, and a list and a mapping cannot be mixed."
    )
    return SpanError(_SUMMARY, detail, at, at + 1, hint="compare the indentation with the lines above")


def _no_content(text: str, at: int, _: int) -> SpanError:
    mark = text[at : at + 1]
    if mark in ("[", "{"):
        return _since(f"This `{mark}` is never closed.")(text, at, at)
    if mark in ("]", "}"):
        return SpanError(_SUMMARY, f"This `{mark}` closes nothing that was opened.", at, at + 1, hint=_QUOTE_MARKS)
    detail = f"Here a value is expected, and this is `{mark}`." if mark.strip() else "Here a value is expected."
    return SpanError(_SUMMARY, detail, at, at + 1, hint=_QUOTE_MARKS if mark.strip() else "")


def _no_colon(text: str, _: int, opener: int) -> SpanError:
    last = text.find("\n", opener)
    end = len(text) if last < 0 else last
    detail = "Here a key with its `:` is expected, and this line has none. After `:` comes a space."
    return SpanError(_SUMMARY, detail, opener, max(end, opener + 1))


_QUOTE_MARKS = "a text that begins with this mark must be quoted"
_COLON = "A `: ` cannot stand here: this line is already a value, or is indented further than the keys beside it."
_NO_QUOTE = "This text in quotes is never closed. Write the same quotation mark where it ends."
_MEANINGS: tuple[tuple[str, Callable[[str, int, int], SpanError]], ...] = (
    ("mapping values are not allowed", _at(_COLON, "a value that holds `: ` must be quoted")),
    ("that cannot start any token", _character),
    ("tab character", _character),
    ("could not find expected ':'", _no_colon),
    ("while scanning a quoted scalar", _since(_NO_QUOTE)),
    ("found unexpected end of stream", _since(_NO_QUOTE)),
    ("unexpected document", _since(_NO_QUOTE)),
    ("',' or ']'", _since("This `[` is never closed, or a comma is missing between two of its items.")),
    ("',' or '}'", _since("This `{` is never closed, or a comma is missing between two of its entries.")),
    (
        "escape character",
        _at("This is no escape sequence of a text in double quotes.", "a backslash is written `\\\\`"),
    ),
    ("escape sequence", _at("This escape sequence names no character.", "a backslash is written `\\\\`")),
    ("hexdecimal", _at("This escape sequence wants hexadecimal digits.", "a backslash is written `\\\\`")),
    (
        "block sequence entries are not allowed",
        _at("A list item `- ` cannot stand here; begin it on a line of its own."),
    ),
    ("mapping keys are not allowed", _at("A key cannot stand here; begin it on a line of its own.")),
    ("<document start>", _at("The document ended above; nothing can follow it.")),
    ("expected <block end>", _indentation),
    ("did not find expected key", _indentation),
    ("did not find expected '-' indicator", _indentation),
    ("expected node content", _no_content),
    ("unknown directive", _at("A line that begins with `%` is a directive, and there is none of this name.")),
    ("expected tag", _at("After `!` comes a tag, and this is none.", "a text that begins with `!` must be quoted")),
    ("found duplicate %", _at("This directive stands in the text twice.")),
    ("incompatible", _at("Only YAML 1.1 and 1.2 can be read.")),
    ("tag handle", _at("The tag that begins here was not declared.", "a text that begins with `!` must be quoted")),
    ("anchor", _at("After `&` or `*` comes a name of letters and digits.", "write the text in quotes")),
    ("alphabetic or numeric", _at("After `&` or `*` comes a name of letters and digits.", "write the text in quotes")),
    ("chomping or indentation", _at("After `|` and `>` come `+`, `-` or a digit, and then the line ends.")),
    ("or a line break", _at("Nothing may follow here on this line; the text begins on the next one.")),
    ("or line break", _at("Nothing may follow here on this line; the text begins on the next one.")),
)
