"""Untrusted text made safe for a terminal and a log: none of it moves, colours, hides, commands."""

from __future__ import annotations

from reconciler.model.pattern import lazy_pattern

# Control characters of both sets, line and paragraph separators, bidirectional controls, invisible characters,
# lone surrogates (bytes of file names that are no text), and tags. Joiners stay: words and emoji need them.
# Agents that run our command read `##[…]`, `##vso[…]` and their like as commands, some of them anywhere in a line.
_UNSAFE = lazy_pattern(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
    r"|#(?=#\w*\[)"
)
_AGENT_COMMAND = lazy_pattern(r"#(?=#\w*\[)")
# GitHub reads commands from lines that begin so, behind blanks too.
_COMMAND = lazy_pattern(r"\s*:(?=:)")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def safe(text: str) -> str:
    """Inside of a line: every character that could mislead is shown as its escape, newlines and tabs too."""
    if text.isascii() and text.isprintable() and "##" not in text:
        return text
    return _UNSAFE.sub(lambda match: _escape(match[0]), text)


def safe_line(text: str) -> str:
    """The same for text that is the first on its line."""
    shown = safe(text)
    if "::" in shown and (found := _COMMAND.match(shown)):
        return f"{found[0][:-1]}\\u003a{shown[found.end() :]}"
    return shown


def safe_lines(text: str) -> str:
    """The same for text that may have several lines: newlines stay."""
    return "\n".join(safe_line(line) for line in text.split("\n"))


def safe_json(document: str) -> str:
    """A JSON text that says the same and holds no command of a CI system."""
    return _AGENT_COMMAND.sub(r"\\u0023", document) if "##" in document else document


def starts_command(text: str, place: int) -> bool:
    """Whether a `#` at this place is the first of what some agent would read as a command."""
    return _AGENT_COMMAND.match(text, place) is not None


def _escape(character: str) -> str:
    code = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    if code <= 0xFF and character != "#":
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
