"""Texts of YAML documents as Terraform writes them: in double quotes, or as literal blocks where they have lines."""

from __future__ import annotations

import re
from functools import cache

from reconciler.model.pattern import lazy_pattern

_WIDTH = 80
_STEP = 2
_BREAKS = "\n\r\x85\u2028\u2029"
_SHORT = {
    "\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\x1b": "e",
    '"': '"', "\\": "\\", "\x85": "N", "\u2028": "L", "\u2029": "P",
}  # fmt: skip
_LINE = lazy_pattern(f"[^{_BREAKS}]*(?:[{_BREAKS}]|$)")


def is_block(text: str) -> bool:
    """Whether a text is written as a literal block."""
    spaced = text.endswith(" ") or any(f" {mark}" in text for mark in _BREAKS)
    return "\n" in text and not spaced and _unprintable().search(text) is None


def is_long_key(text: str) -> bool:
    """Whether a key needs a question mark before it."""
    return len(text.encode()) > 128 or any(mark in text for mark in _BREAKS)


def block(text: str, indent: int) -> str:
    """A literal block, with how it is indented and how it ends where that needs to be told."""
    hint = str(_STEP) if text[0] in f" {_BREAKS}" else ""
    chomp = "-" if text[-1] not in _BREAKS else "+" if len(text) == 1 or text[-2] in _BREAKS else ""
    margin = " " * indent
    lines = [margin + line if line[0] not in _BREAKS else line for line in _LINE.findall(text) if line]
    return f"|{hint}{chomp}\n{''.join(lines)}"


def quoted(text: str, indent: int, column: int, *, fold: bool = True) -> str:
    """A text in double quotes, broken at spaces where it gets too wide."""
    parts, column, after_space = ['"'], column + 1, False
    # As Terraform's library has it: what begins with a byte order mark is escaped to its end.
    write = _numbered if text.startswith("\ufeff") else _escaped
    for at, character in enumerate(text):
        if character != " ":
            piece = write(character)
        elif fold and not after_space and column > _WIDTH and 0 < at < len(text) - 1:
            piece = "\n" + " " * indent + ("\\" if text[at + 1] == " " else "")
            column = -1
        else:
            piece = " "
        after_space = character == " "
        parts.append(piece)
        column += len(piece.lstrip("\n"))
        if piece.startswith("\n"):
            column += 1
    return "".join([*parts, '"'])


def _escaped(character: str) -> str:
    if character in _SHORT:
        return f"\\{_SHORT[character]}"
    return character if _unprintable().match(character) is None else _numbered(character)


def _numbered(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


@cache
def _unprintable() -> re.Pattern[str]:
    # Ranges this wide take longer to compile than the rest of this room.
    return re.compile(r"[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
