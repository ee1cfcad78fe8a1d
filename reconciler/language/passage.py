"""Texts and places in them: spans become lines and columns only when somebody must read them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from reconciler.language.span import SpanError
from reconciler.model.diagnostic import Diagnostic, Position, Snippet, SourceRange


@dataclass(frozen=True)
class Document:
    """One whole source text."""

    filename: str
    text: str

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

    def diagnostic(self, error: SpanError, context: str = "", address: str = "") -> Diagnostic:
        """The mistake as the user will read it."""
        length = len(self.document.text)
        code = self.document.lines(min(self.offset + error.start, length), min(self.offset + error.end, length))
        return Diagnostic.error(
            error.summary,
            error.detail,
            hint=error.hint,
            address=address,
            subject=self.range(error.start, error.end),
            snippet=Snippet(code=code, context=context, values=error.values),
        )


@dataclass(frozen=True, slots=True)
class Ranges(Mapping[str, SourceRange]):
    """Source ranges by name, computed when they are asked for: most never are."""

    passage: Passage
    spans: Mapping[str, tuple[int, int]]

    def __getitem__(self, name: str) -> SourceRange:
        return self.passage.range(*self.spans[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.spans)

    def __len__(self) -> int:
        return len(self.spans)
