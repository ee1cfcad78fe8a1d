"""Texts and places in them: spans become lines and columns only when somebody must read them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cached_property

from reconciler.language.span import SpanError
from reconciler.model.diagnostic import Diagnostic, Place, Position, Snippet, SourceRange
from reconciler.model.frozen import dataclass


@dataclass(frozen=True)
class Document:
    """One whole source text; a curated one declares what a registry holds, and no workspace's rules are for it.

    What is `shipped` comes with envform itself, and may be called what nobody else may call anything.
    """

    filename: str
    text: str
    curated: bool = False
    shipped: bool = False

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        at = self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    @cached_property
    def _line_bytes(self) -> list[int] | None:
        if self.text.isascii():
            return None
        starts, total, before = [], 0, 0
        for start in self._line_starts:
            total += len(self.text[before:start].encode(errors="surrogatepass"))
            before = start
            starts.append(total)
        return starts

    def position(self, offset: int) -> Position:
        """The place of one character."""
        line = bisect_right(self._line_starts, offset) - 1
        start = self._line_starts[line]
        byte = offset
        if self._line_bytes is not None:
            byte = self._line_bytes[line] + len(self.text[start:offset].encode(errors="surrogatepass"))
        return Position(line=line + 1, column=offset - start + 1, byte=byte)

    def lines(self, start: int, end: int) -> str:
        """The whole source lines that a span lies in."""
        first = self._line_starts[bisect_right(self._line_starts, start) - 1]
        last = self.text.find("\n", max(start, end - 1))
        return self.text[first : len(self.text) if last < 0 else last].replace("\r\n", "\n").rstrip("\r")


@dataclass(frozen=True, slots=True)
class Passage:
    """Where the spans of some nodes count from: a document, and the offset of their block in it."""

    document: Document
    offset: int = 0

    def range(self, start: int, end: int) -> SourceRange:
        """A span of this passage as a range of its file."""
        length = len(self.document.text)
        first = min(self.offset + start, length)
        last = min(max(self.offset + end, first), length)
        return SourceRange(self.document.filename, self.document.position(first), self.document.position(last))

    def place(self, start: int, end: int, context: str = "", values: tuple[tuple[str, str], ...] = ()) -> Place:
        """A span with the source lines that it lies in."""
        length = len(self.document.text)
        code = self.document.lines(min(self.offset + start, length), min(self.offset + end, length))
        return Place(self.range(start, end), Snippet(code=code, context=context, values=values))

    def diagnostic(self, error: SpanError, context: str = "", address: str = "") -> Diagnostic:
        """The mistake as the user will read it."""
        told = Diagnostic.error(error.summary, error.detail, hint=error.hint, address=address)
        return told.at(self.place(error.start, error.end, context, error.values))


@dataclass(frozen=True, slots=True)
class Places(Mapping[str, Place]):
    """Where named things stand, computed when somebody asks: most never are asked for."""

    passage: Passage
    context: str
    spans: Mapping[str, tuple[int, int]]

    def __getitem__(self, name: str) -> Place:
        return self.passage.place(*self.spans[name], self.context)

    def __iter__(self) -> Iterator[str]:
        return iter(self.spans)

    def __len__(self) -> int:
        return len(self.spans)
