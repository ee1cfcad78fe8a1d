"""How lines and items must be laid out: one argument a line, and what may stand where one begins or ends."""

from __future__ import annotations

from typing import NoReturn

from reconciler.language.tokens import (
    BLOCK,
    BODIES,
    DIRECTIVE,
    DONE,
    FILE,
    HEADER,
    HOLE,
    ITEM,
    LABELS,
    LIST,
    OBJECT,
    VALUE,
    Scan,
    Token,
)


def end_line(scan: Scan, start: int) -> None:
    """A newline: the end of an argument or of an object's item; blank space in other brackets."""
    frame = scan.frames[-1]
    if frame.kind == OBJECT:
        if scan.after_value or scan.previous not in ("LBRACE", "COMMA"):
            scan.require_value()
            scan.tokens.append(Token("COMMA", "\n", start, start))
            scan.after_value = False
            scan.unchain()
    elif frame.kind in BODIES:
        _end_item(scan)


def _end_item(scan: Scan) -> None:
    frame = scan.frames[-1]
    if frame.stage == VALUE:
        scan.require_value()
        scan.unchain()
    elif frame.stage in (HEADER, LABELS):
        _, word, first, last = scan.tokens[-1]
        what = "Write `=` and a value" if frame.stage == HEADER else "Write a block's `{`"
        if frame.stage == HEADER:
            what += ", or a block's labels and `{`,"
        scan.fail("Incomplete definition", f"The line ends after `{word}`. {what} on the same line.", first, last)
    if frame.single_line:
        detail = "A block that begins on its brace's line must end there too. Put its content on lines of its own."
        scan.fail("Invalid single-line block", detail, frame.start, frame.end)
    frame.single_line = False
    frame.stage = ITEM


def item_word(scan: Scan, word: str, start: int, end: int) -> None:
    """The name of an argument, the type of a block, or a label without quotes."""
    frame = scan.frames[-1]
    if frame.stage == DONE:
        _fail_after_block(scan, start, end)
    if "::" in word:
        _fail_item(scan, word, start, end)
    if frame.stage == ITEM:
        frame.stage = HEADER
        frame.single_line = frame.single_line is None
    else:
        frame.stage = LABELS
    scan.emit("NAME", start, end)


def item_string(scan: Scan, start: int, end: int) -> None:
    """A string where an item stands: only a label may be one."""
    frame = scan.frames[-1]
    if frame.stage == DONE:
        _fail_after_block(scan, start, end)
    if frame.stage == ITEM:
        detail = "An argument's name stands without quotes, and a block begins with its type."
        scan.fail("Invalid argument name", detail, start, end)
    frame.stage = LABELS


def item_symbol(scan: Scan, symbol: str, start: int, end: int) -> None:
    """What follows the name of an argument or the header of a block, or closes the body."""
    frame = scan.frames[-1]
    if symbol == "=" and frame.stage == HEADER:
        frame.stage = VALUE
        scan.emit("EQ", start, end)
    elif symbol == "{" and frame.stage in (HEADER, LABELS):
        if frame.single_line:
            detail = "A block on a single line may hold one argument and no block. Give it lines of its own."
            scan.fail("Invalid single-line block", detail, frame.start, frame.end)
        scan.emit("LBRACE", start, end)
        scan.open(BLOCK, start, end)
    elif symbol == "}" and frame.kind == BLOCK and frame.stage in (ITEM, DONE):
        close_block(scan, start, end)
    elif symbol == '"':
        item_string(scan, start, end)
        scan.emit("DBLQUOTE", start, end)
        scan.open('"', start, end)
    elif frame.stage == DONE:
        _fail_after_block(scan, start, end)
    else:
        _fail_item(scan, symbol, start, end)


def close_block(scan: Scan, start: int, end: int) -> None:
    """The brace that ends a block; its own line is not over yet."""
    scan.close()
    scan.emit("RBRACE", start, end)
    scan.frames[-1].stage = DONE


def missing_separator(scan: Scan, start: int, end: int) -> NoReturn:
    """A value follows a value."""
    frame = scan.frames[-1]
    if frame.kind in BODIES:
        detail = "An argument ends with its line. Begin the next one on a line of its own."
        scan.fail("Missing newline after argument", detail, start, end)
    if frame.kind == OBJECT:
        detail = "The items of an object are separated by a comma or a newline."
        scan.fail("Missing attribute separator", detail, start, end)
    if frame.kind == LIST:
        scan.fail("Missing item separator", "The items of a list are separated by commas.", start, end)
    missing = "its `}` or an operator" if frame.kind in (HOLE, DIRECTIVE) else "an operator or a comma"
    detail = f"The {frame.noun} should end before this, or {missing} is missing."
    scan.fail("Extra characters after expression", detail, start, end)


def _fail_after_block(scan: Scan, start: int, end: int) -> NoReturn:
    detail = "A block ends with its line. Begin the next definition on a line of its own."
    scan.fail("Missing newline after block definition", detail, start, end)


def _fail_item(scan: Scan, symbol: str, start: int, end: int) -> NoReturn:
    frame = scan.frames[-1]
    if symbol in ("}", "~}") and frame.kind == FILE:
        scan.fail("Unbalanced brackets", "This brace closes nothing: no block is open here.", start, end)
    if symbol == "=":
        detail = "An argument is one bare name, then `=` and its value. Labels belong to blocks, which have no `=`."
    elif symbol in (":", "::"):
        detail = "An argument is set with `=`."
    else:
        detail = f'`{symbol}` cannot stand here. Write `name = value`, or a block: `type "label" {{`.'
    scan.fail("Argument or block definition required", detail, start, end)
