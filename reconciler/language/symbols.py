"""Operators and brackets inside expressions."""

from __future__ import annotations

from reconciler.language.layout import close_block, missing_separator
from reconciler.language.tokens import (
    BLOCK,
    BODIES,
    DIRECTIVE,
    FOR,
    GROUP,
    HOLE,
    LIST,
    OBJECT,
    QUOTED,
    Handler,
    Scan,
)

_INFIX = {
    "==": "DOUBLE_EQ",
    "!=": "NEQ",
    "<": "LT",
    ">": "GT",
    "<=": "LEQ",
    ">=": "GEQ",
    "*": "ASTERISK",
    "/": "SLASH",
    "%": "PERCENT",
    "+": "PLUS",
    "&&": "DOUBLE_AMP",
    "||": "DOUBLE_PIPE",
    "?": "QMARK",
    ":": "COLON",
    "=>": "FOR_OBJECT_ARROW",
    ".": "DOT",
    ",": "COMMA",
}
_SPLATS = {"*": "ATTR_SPLAT", "]": "FULL_SPLAT_START"}
_CLOSERS = {
    ")": ("RPAR", (GROUP,)),
    "]": ("RSQB", (LIST,)),
    "}": ("RBRACE", (BLOCK, OBJECT, FOR, HOLE, DIRECTIVE)),
    "~}": ("RBRACE", (HOLE, DIRECTIVE)),
}
_MAY_BE_EMPTY = ("LPAR", "LSQB", "LBRACE")


def expression_symbol(scan: Scan, start: int, end: int) -> None:
    """One operator, bracket, comma or quote of an expression."""
    symbol = scan.text[start:end]
    if symbol in _CLOSERS:
        _closer(scan, start, end)
    elif symbol in _OTHERS:
        _OTHERS[symbol](scan, start, end)
    elif symbol in _INFIX:
        _infix(scan, start, end)
    else:
        _splat(scan, start, end)


def _infix(scan: Scan, start: int, end: int) -> None:
    symbol = scan.text[start:end]
    if not scan.after_value:
        scan.fail("Invalid expression", f"An expression is missing before `{symbol}`.", start, end)
    frame = scan.frames[-1]
    if symbol == ",":
        if frame.kind in BODIES:
            detail = "Arguments are separated by newlines, not by commas. A list stands in `[ ]`."
            scan.fail("Unexpected comma after argument", detail, start, end)
        scan.unchain()
    if symbol == "?":
        scan.chain(start, end)
    scan.emit(_INFIX[symbol], start, end)


def _opener(scan: Scan, start: int, end: int) -> None:
    symbol = scan.text[start:end]
    is_call = symbol == "(" and scan.previous == "NAME"
    if scan.after_value and symbol != "[" and not is_call:
        missing_separator(scan, start, end)
    kind, frame = {"(": ("LPAR", GROUP), "[": ("LSQB", LIST), "{": ("LBRACE", OBJECT)}[symbol]
    scan.emit(kind, start, end)
    scan.open(frame, start, end)


def _closer(scan: Scan, start: int, end: int) -> None:
    symbol = scan.text[start:end]
    kind, closes = _CLOSERS[symbol]
    frame = scan.frames[-1]
    if frame.kind not in closes:
        if frame.kind in BODIES:
            scan.fail("Unbalanced brackets", f"`{symbol}` closes nothing here.", start, end)
        opener = scan.text[frame.start : frame.end].strip()
        detail = f"The {frame.noun} that begins here with `{opener}` is still open where `{symbol}` is met."
        scan.fail("Unbalanced brackets", detail, frame.start, frame.end)
    if scan.previous not in (*_MAY_BE_EMPTY, "COMMA"):
        scan.require_value()
    if frame.kind == BLOCK:
        if not frame.single_line:
            missing_separator(scan, start, end)
        close_block(scan, start, end)
    else:
        scan.close()
        scan.emit(kind, start, end, value=True)


def _equals(scan: Scan, start: int, end: int) -> None:
    if scan.frames[-1].kind != OBJECT:
        detail = "A single `=` gives an argument its value and cannot stand inside an expression."
        scan.fail("Invalid expression", detail, start, end, hint="`==` compares two values")
    scan.require_value()
    scan.emit("EQ", start, end)


def _unary(scan: Scan, start: int, end: int) -> None:
    symbol = scan.text[start:end]
    if scan.after_value:
        if symbol == "!":
            missing_separator(scan, start, end)
        scan.emit("MINUS", start, end)
        return
    if scan.after_unary:
        scan.chain(start, end)
        last = scan.tokens[-1]
        scan.tokens[-1] = last._replace(text=last.text + symbol, end=end)
    else:
        scan.emit("MINUS" if symbol == "-" else "NOT", start, end)
    scan.after_unary = True


def _splat(scan: Scan, start: int, end: int) -> None:
    symbol = scan.text[start:end]
    if not scan.after_value:
        scan.fail("Invalid expression", f"An expression is missing before `{symbol}`.", start, end)
    scan.chain(start, end)
    scan.emit(_SPLATS[symbol[-1]], start, end, value=True)


def _spread(scan: Scan, start: int, end: int) -> None:
    scan.require_value()
    scan.emit("ELLIPSIS", start, end, value=True)


def _quote(scan: Scan, start: int, end: int) -> None:
    if scan.after_value:
        missing_separator(scan, start, end)
    scan.emit("DBLQUOTE", start, end)
    scan.open(QUOTED, start, end)


_OTHERS: dict[str, Handler] = {
    "(": _opener,
    "[": _opener,
    "{": _opener,
    "=": _equals,
    "-": _unary,
    "!": _unary,
    "...": _spread,
    '"': _quote,
}
