"""Untrusted text made safe for a terminal: nothing in it can move the cursor, colour, hide or reorder."""

from __future__ import annotations

import re

# Control characters of both sets, line and paragraph separators, bidirectional controls, invisible characters,
# lone surrogates (bytes of file names that are no text), and tags. Joiners stay: words and emoji need them.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def safe(text: str) -> str:
    """One line: every character that could mislead is shown as its escape, newlines and tabs too."""
    return _UNSAFE.sub(lambda match: _escape(match[0]), text)


def safe_lines(text: str) -> str:
    """The same for text that may have several lines: newlines stay."""
    return "\n".join(safe(line) for line in text.split("\n"))


def _escape(character: str) -> str:
    code = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
