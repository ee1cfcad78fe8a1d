"""Cuts a text into tokens, newlines and comments among them; only blanks are dropped, and no text is refused.

The scanner next door makes tokens for the grammar, and forgets where lines end and what comments say.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import NamedTuple

from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern

# A symbol's kind is its text; these are the kinds of the others. A string without holes is one token.
WORD, IN, NUMBER, STRING, OTHER = "word", "in", "number", "string", "other"
NEWLINE, COMMENT, LINE_COMMENT = "newline", "comment", "line"
QUOTE, UNQUOTE, HEREDOC, HEREDOC_END, TEXT = "quote", "unquote", "heredoc", "heredoc end", "text"
HOLE, HOLE_END = "hole", "hole end"

# Outside of texts and comments, characters beyond ASCII stand in words only.
_WORD = r"[^\x00-@\[-^`{-\x7f\ufeff][^\x00-,./:-@\[-^`{-\x7f\ufeff]*"
_TEXT = r'(?:\$\$\{|%%\{|\\[^\n]|[^"\\$%\n]|[$%](?!\{))'
_CODE = lazy_pattern(
    rf"""(?:[ \t\ufeff]|\r(?!\n))*+(?:
      (?P<word>{_WORD})
    | (?P<newline>\r?\n)
    | (?P<string>"{_TEXT}*+")
    | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    | (?P<line>(?:\#|//)[^\n]*\n?)
    | (?P<comment>/\*(?s:.*?)\*/)
    | (?P<heredoc><<-?(?P<marker>{_WORD})\r?\n)
    | (?P<symbol>\.\.\.|~\}}|==|!=|<=|>=|&&|\|\||=>|::|[-+*/%!<>=?:,.(){{}}\[\]"])
    | (?P<other>[^\n])
    )""",
    re.VERBOSE,
)
_QUOTED = lazy_pattern(rf"{_TEXT}+")
_HOLE = lazy_pattern(r"[$%]\{~?")
_STOP = lazy_pattern(r"\$\$\{|%%\{|(?P<hole>[$%]\{)|\n")


class Token(NamedTuple):
    """One token as it stands in the text."""

    kind: str
    text: str


def tokens(text: str) -> list[Token]:
    """All tokens of a text, in order. Joined, with the blanks between them, they are the text again."""
    lexer = _Lexer(text)
    while lexer.at < len(text):
        lexer.step()
    return lexer.tokens


@dataclass(slots=True)
class _Lexer:
    """A text in work; `frames` are the open braces, holes and quotes, and the markers of open heredocs."""

    text: str
    at: int = 0
    tokens: list[Token] = field(default_factory=list)
    frames: list[str] = field(default_factory=lambda: [""])

    def step(self) -> None:
        """On to where templates begin or end."""
        frame = self.frames[-1]
        if frame in ("", "{", HOLE):
            self._code()
        elif frame == QUOTE:
            self._quoted()
        else:
            self._heredoc(frame)

    def _code(self) -> None:
        text, tokens, match = self.text, self.tokens, _CODE.match
        while found := match(text, self.at):
            kind = found.lastgroup or ""
            start, self.at = found.span(kind)
            piece = text[start : self.at]
            if kind == "symbol":
                if self._symbol(piece):
                    return
            else:
                tokens.append(Token(IN if piece == "in" else kind, piece))
                if kind == HEREDOC:
                    self.frames.append(found["marker"])
                    return
        self.at = len(text)

    def _symbol(self, symbol: str) -> bool:
        """Whether a template begins or ends with it."""
        kind, frame = symbol, self.frames[-1]
        if symbol == '"':
            kind = QUOTE
            self.frames.append(QUOTE)
        elif symbol == "{":
            self.frames.append("{")
        elif symbol in ("}", "~}") and frame == HOLE:
            kind = HOLE_END
            self.frames.pop()
        elif symbol == "}" and frame == "{":
            self.frames.pop()
        self.tokens.append(Token(kind, symbol))
        return kind in (QUOTE, HOLE_END)

    def _quoted(self) -> None:
        if found := _QUOTED.match(self.text, self.at):
            self._take(TEXT, found.end())
        if self.text.startswith('"', self.at):
            self.frames.pop()
            self._take(UNQUOTE, self.at + 1)
        elif not self._open_hole():
            self.frames.pop()  # never closed: what follows is read as code

    def _heredoc(self, marker: str) -> None:
        at, line_begins = self.at, self.tokens[-1].kind == HEREDOC
        while True:
            if line_begins and (end := self._marker_line(at, marker)):
                self._take(TEXT, at)
                self._take(HEREDOC_END, end)
                self.frames.pop()
                return
            found = _STOP.search(self.text, at)
            if found is None:
                self._take(TEXT, len(self.text))
                return
            if found["hole"]:
                self._take(TEXT, found.start())
                self._open_hole()
                return
            at, line_begins = found.end(), found.group() == "\n"

    def _marker_line(self, at: int, marker: str) -> int | None:
        """The end of the line that begins here, when it holds the end marker and blanks only."""
        end = self.text.find("\n", at)
        line = self.text[at : end if end >= 0 else len(self.text)]
        return at + len(line.removesuffix("\r")) if line.strip() == marker else None

    def _open_hole(self) -> bool:
        found = _HOLE.match(self.text, self.at)
        if found:
            self.frames.append(HOLE)
            self._take(HOLE, found.end())
        return found is not None

    def _take(self, kind: str, end: int) -> None:
        if end > self.at:
            self.tokens.append(Token(kind, self.text[self.at : end]))
            self.at = end
