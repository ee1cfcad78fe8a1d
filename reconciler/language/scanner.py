"""Turns the text of one piece into tokens for the grammar, and refuses what the grammar would let pass.

Newlines are checked here, as HCL means them: they end arguments and separate an object's items, and inside
parentheses, brackets and templates they are blank space. Python-hcl2's own lexer joins lines that HCL keeps apart.
"""

from __future__ import annotations

import re
from typing import NoReturn

from reconciler.language.layout import end_line, item_string, item_symbol, item_word, missing_separator
from reconciler.language.strings import open_heredoc, scan_text
from reconciler.language.symbols import expression_symbol
from reconciler.language.tokens import BODIES, FOR, HEREDOC, OBJECT, QUOTED, VALUE, Handler, Scan, Token
from reconciler.model.pattern import lazy_pattern

# Beyond ASCII any character that is not white space: which of them make names is looked up.
_WORD = r"(?:[A-Za-z_]|[^\x00-\x7f\s\ufeff])(?:[\w-]|[^\x00-\x7f\s\ufeff])*"
_TOKEN = lazy_pattern(
    rf"""(?:[ \t]|\r(?=\n|\Z))*(?:
      (?P<word>{_WORD}(?:[ \t]*::[ \t]*{_WORD})*)
    | (?P<string>"(?:[^"\\$%\r\n]|\\[^\n]|[$%](?![{{$%]))*")
    | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?!\.[0-9])
    | (?P<newline>\n|(?:\#|//)[^\n]*(?:\n|\Z))
    | (?P<comment>/\*(?s:.*?)\*/)
    | (?P<unclosed>/\*)
    | (?P<heredoc><<-?{_WORD}[^\n]*\n)
    | (?P<symbol>\[[ \t]*\*[ \t]*\]|\.[ \t]*\*|\.\.\.|~\}}|==|!=|<=|>=|&&|\|\||=>|[-+*/%!<>=?:,.(){{}}\[\]"])
    | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_CALLED = lazy_pattern(r"[ \t]*\(")
_LITERALS = {"true": "TRUE", "false": "FALSE", "null": "NULL"}
_DIRECTIVES = {"if": "IF", "else": "ELSE", "endif": "ENDIF", "for": "FOR", "endfor": "ENDFOR"}
_ADVICE = {
    "'": "Texts stand in double quotes.",
    "`": "Texts stand in double quotes.",
    "“": "This is a typographic quotation mark. Texts stand in plain double quotes.",
    "”": "This is a typographic quotation mark. Texts stand in plain double quotes.",
    ";": "Arguments end with their line; no semicolon is needed.",
    "&": "The operator is written `&&`.",
    "|": "The operator is written `||`.",
    "$": "`${ … }` stands inside quotes; outside of them write the expression alone.",
}


def scan(text: str) -> list[Token]:
    """The tokens of one piece; SpanError at the first thing that cannot be."""
    state = Scan(text)
    while True:
        if state.frames[-1].kind in (QUOTED, HEREDOC):
            scan_text(state)
            continue
        found = _TOKEN.match(text, state.at)
        if found is None:
            _fail_character(state)
        kind = found.lastgroup or ""
        start, state.at = found.span(kind)
        if kind == "end":
            break
        if kind == "newline":
            end_line(state, start)
        elif kind != "comment":
            _HANDLERS[kind](state, start, state.at)
    if len(state.frames) > 1:
        state.fail_unclosed()
    end_line(state, len(text))
    return state.tokens


def _in_item(scan: Scan) -> bool:
    frame = scan.frames[-1]
    return frame.kind in BODIES and frame.stage != VALUE


def _word(scan: Scan, start: int, end: int) -> None:
    word = scan.text[start:end]
    if not word.isascii():
        _check_name(scan, word, start)
    if _in_item(scan):
        item_word(scan, word, start, end)
    elif "::" in word:
        _qualified(scan, word, start, end)
    elif scan.previous == "DOT":
        scan.emit("NAME", start, end, value=True)
    elif scan.previous == "DIRECTIVE_START":
        _directive(scan, word, start, end)
    elif scan.after_value:
        if word not in ("in", "if"):
            missing_separator(scan, start, end)
        scan.emit(word.upper(), start, end)
    elif word == "for" and scan.previous in ("LSQB", "LBRACE"):
        if scan.frames[-1].kind == OBJECT:
            scan.frames[-1].kind = FOR
        scan.emit("FOR", start, end)
    else:
        scan.emit(_LITERALS.get(word, "NAME"), start, end, value=True)


def _check_name(scan: Scan, word: str, start: int) -> None:
    """Refuse characters beyond ASCII that make no names; `-` does in HCL."""
    if all(part.replace("-", "_").isidentifier() for part in re.split(r"[ \t]*::[ \t]*", word)):
        return
    at = next((at for at, one in enumerate(word) if not one.isascii() and not f"a{one}".isidentifier()), 0)
    scan.at = start + at
    _fail_character(scan)


def _qualified(scan: Scan, word: str, start: int, end: int) -> None:
    """`core::upper`: the name of a function, and nothing else."""
    if not _CALLED.match(scan.text, end) or scan.previous == "DOT":
        detail = f"`{word}` names a function, so its arguments must follow in parentheses."
        scan.fail("Missing open parenthesis", detail, start, end)
    if scan.after_value:
        missing_separator(scan, start, end)
    scan.emit("NAME", start, end, value=True)
    name = re.sub(r"[ \t]", "", word)
    scan.tokens[-1] = scan.tokens[-1]._replace(text=name)


def _directive(scan: Scan, word: str, start: int, end: int) -> None:
    if word not in _DIRECTIVES:
        detail = f"`{word}` is no directive. A template knows `if`, `else`, `endif`, `for` and `endfor`."
        scan.fail("Invalid template control keyword", detail, start, end)
    scan.emit(_DIRECTIVES[word], start, end, value=word not in ("if", "for"))


def _string(scan: Scan, start: int, end: int) -> None:
    if _in_item(scan):
        item_string(scan, start, end)
    elif scan.after_value:
        missing_separator(scan, start, end)
    scan.emit("DBLQUOTE", start, start + 1)
    if end - start > 2:
        scan.emit("STRING_CHARS", start + 1, end - 1)
    scan.emit("DBLQUOTE", end - 1, end, value=True)


def _number(scan: Scan, start: int, end: int) -> None:
    text = scan.text[start:end]
    if _in_item(scan):
        item_symbol(scan, text, start, end)
    if scan.after_value:
        missing_separator(scan, start, end)
    if scan.previous == "DOT" and not text.isdigit():
        detail = f"`.{text}` is two indexes in one. Write them in brackets, like `[0][1]`."
        scan.fail("Invalid legacy index syntax", detail, start, end)
    scan.emit("INT_LITERAL" if text.isdigit() else "FLOAT_LITERAL", start, end, value=True)


def _heredoc(scan: Scan, start: int, end: int) -> None:
    text = scan.text[start:end]
    if _in_item(scan):
        item_symbol(scan, text.strip(), start, end - 1)
    if scan.after_value:
        missing_separator(scan, start, end - 1)
    if not re.fullmatch(rf"<<-?{_WORD}\r?\n", text):
        detail = "Nothing may follow a heredoc's marker on its line: its text begins on the next one."
        scan.fail("Invalid heredoc", detail, start, end - 1)
    open_heredoc(scan, start, end)


def _symbol(scan: Scan, start: int, end: int) -> None:
    symbol = scan.text[start:end]
    if _in_item(scan):
        item_symbol(scan, symbol, start, end)
    else:
        expression_symbol(scan, start, end)


def _unclosed(scan: Scan, start: int, end: int) -> None:
    scan.fail("Unterminated comment", "This comment is never closed. Write `*/` where it ends.", start, end)


def _fail_character(scan: Scan) -> NoReturn:
    rest = scan.text[scan.at :]
    at = scan.at + len(rest) - len(rest.lstrip(" \t"))
    character = scan.text[at]
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    detail = _ADVICE.get(character, "It has no meaning outside quotes.")
    scan.fail("Invalid character", f"The character `{shown}` cannot stand here. {detail}", at, at + 1)


_HANDLERS: dict[str, Handler] = {
    "word": _word,
    "string": _string,
    "number": _number,
    "heredoc": _heredoc,
    "symbol": _symbol,
    "unclosed": _unclosed,
}
