"""Whether a text can be parsed at all; what cannot is not formatted."""

from __future__ import annotations

from reconciler.language.hcl import garbage_collection_paused, parse
from reconciler.language.passage import Document, Passage
from reconciler.language.pieces import split
from reconciler.language.scanner import scan
from reconciler.language.span import SpanError
from reconciler.model.diagnostic import Diagnostic

_MOST_MISTAKES = 20


def mistakes(filename: str, text: str) -> list[Diagnostic]:
    """One for each top-level block or argument that cannot be parsed."""
    document = Document(filename, text)
    found: list[Diagnostic] = []
    # Whether tokens make sense is decided by their kinds. Most blocks of a large project are built alike: those whose
    # kinds were in order once need no second look. What they say matters in escape sequences only.
    sound: set[tuple[str, ...]] = set()
    with garbage_collection_paused():
        for start, end in split(text):
            piece = text[start:end]
            try:
                kinds = tuple(token.type for token in scan(piece))
                if kinds not in sound or "\\" in piece:
                    parse(piece)
                    sound.add(kinds)
            except SpanError as error:
                found.append(Passage(document, start).diagnostic(error))
                if len(found) == _MOST_MISTAKES:
                    break
    return found
