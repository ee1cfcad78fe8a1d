"""The state of a scan: tokens so far, open brackets, and whether a value just ended.

Newlines never become tokens: where they mean something the
scanner has checked them, and in objects they become commas.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import NamedTuple, NoReturn

from reconciler.language.span import SpanError
from reconciler.model.frozen import dataclass

MAXIMUM_DEPTH = 100


class Token(NamedTuple):
    """One token, with the name that python-hcl2's grammar gives its kind."""

    type: str
    text: str
    start: int
    end: int


FILE, BLOCK, OBJECT, FOR, GROUP, LIST = "file", "block", "object", "for", "(", "["
HOLE, DIRECTIVE, QUOTED, HEREDOC = "${", "%{", '"', "<<"

BODIES = (FILE, BLOCK)

ITEM, HEADER, LABELS, VALUE, DONE = range(5)

_NAMES = {
    BLOCK: "block",
    OBJECT: "object",
    FOR: "`for` expression",
    GROUP: "parenthesis",
    LIST: "bracket",
    HOLE: "interpolation",
    DIRECTIVE: "template directive",
    QUOTED: "string",
    HEREDOC: "heredoc",
}


@dataclass(slots=True)
class Frame:
    """One open bracket. In a file or block, `stage` says how far the current line's item has come."""

    kind: str
    start: int
    end: int
    stage: int = ITEM
    single_line: bool | None = False
    nested: int = 0
    marker: str = ""

    @property
    def noun(self) -> str:
        """What messages call it."""
        return _NAMES[self.kind]


@dataclass(slots=True)
class Scan:
    """A scan in progress."""

    text: str
    at: int = 0
    tokens: list[Token] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=lambda: [Frame(FILE, 0, 0)])
    after_value: bool = False
    after_unary: bool = False
    depth: int = 0

    @property
    def previous(self) -> str:
        """The type of the last token."""
        return self.tokens[-1].type if self.tokens else ""

    def emit(self, kind: str, start: int, end: int, *, value: bool = False) -> None:
        """One more token; `value` tells that an expression may end with it."""
        self.tokens.append(Token(kind, self.text[start:end], start, end))
        self.after_value = value
        self.after_unary = False

    def open(self, kind: str, start: int, end: int, marker: str = "") -> None:
        """One more open bracket."""
        self.frames.append(Frame(kind, start, end, marker=marker, single_line=None if kind == BLOCK else False))
        self.after_value = False
        if kind not in (QUOTED, HEREDOC):
            self.deepen(start, end)

    def close(self) -> Frame:
        """The innermost bracket, which is open no longer."""
        frame = self.frames.pop()
        self.depth -= frame.nested
        if frame.kind not in (QUOTED, HEREDOC):
            self.depth -= 1
        return frame

    def deepen(self, start: int, end: int) -> None:
        """One level more; the evaluator's recursion is bounded by this limit."""
        self.depth += 1
        if self.depth > MAXIMUM_DEPTH:
            detail = f"Expressions and blocks may be nested {MAXIMUM_DEPTH} deep. Split this one into parts."
            raise SpanError("Nested too deeply", detail, start, end)

    def chain(self, start: int, end: int) -> None:
        """One level more without a bracket, until the expression ends: `a ? b : c ? …`, `a[*][*]…`."""
        self.frames[-1].nested += 1
        self.deepen(start, end)

    def unchain(self) -> None:
        """An expression of this bracket has ended."""
        frame = self.frames[-1]
        self.depth -= frame.nested
        frame.nested = 0

    def fail(self, summary: str, detail: str, start: int, end: int, hint: str = "") -> NoReturn:
        """Stop the scan."""
        raise SpanError(summary, detail, start, end, hint=hint)

    def fail_unclosed(self) -> NoReturn:
        """The text has ended inside a bracket."""
        frame = self.frames[-1]
        opener = self.text[frame.start : frame.end].strip()
        if frame.kind == BLOCK:
            summary, closer = "Unclosed configuration block", "}"
        elif frame.kind == QUOTED:
            summary, closer = "Unterminated string", '"'
        elif frame.kind == HEREDOC:
            summary, closer = "Unterminated heredoc", frame.marker
        else:
            summary = "Unbalanced brackets"
            closer = {GROUP: ")", LIST: "]"}.get(frame.kind, "}")
        detail = f"The {frame.noun} that begins here with `{opener}` is never closed. Write `{closer}` where it ends."
        self.fail(summary, detail, frame.start, frame.end)

    def require_value(self) -> None:
        """An expression must just have ended here."""
        if not self.after_value:
            last = self.tokens[-1]
            detail = f"An expression is missing after `{last.text.strip() or ','}`."
            self.fail("Invalid expression", detail, last.start, last.end)


Handler = Callable[[Scan, int, int], None]
