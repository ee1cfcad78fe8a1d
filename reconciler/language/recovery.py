"""More mistakes in a block that cannot be parsed: its lines are looked at one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from reconciler.language import nodes
from reconciler.language.pieces import split
from reconciler.language.span import SpanError

_OPENING = re.compile(r'[^\W\d][\w-]*(?:[ \t]+(?:"[^"\n]*"|[^\W\d][\w-]*))*[ \t]*\{')
_ITEM = re.compile(r'[^\W\d][\w-]*[ \t]*(?:=(?!=)|[{"]|[^\W\d])')
_DEEPEST = 10
# So that the end of the piece is not taken for the end of the text.
_FOLLOWING = "\n_ = 0\n"


def mistakes(text: str, first: SpanError, parse: Callable[[str], nodes.Body]) -> Sequence[SpanError]:
    """All that is wrong with a piece of text, of which the parser has told the first mistake.

    Where looking at its parts does not lead to that same mistake, they are not what they seem, and it stands alone.
    """
    found = list(_inside(text, parse, _DEEPEST))
    return found if any(error.start == first.start for error in found) else [first]


def _inside(text: str, parse: Callable[[str], nodes.Body], depth: int) -> Iterator[SpanError]:
    opening, end = _OPENING.match(text), len(text.rstrip()) - 1
    if opening is None or text[end : end + 1] != "}" or not depth:
        return
    offset = opening.end()
    for start, stop in split(text[offset:end]):
        piece = text[offset + start : offset + stop]
        if not _ITEM.match(piece):
            continue  # the rest of a line before it, as far as anybody can tell
        try:
            parse(piece + _FOLLOWING)
        except SpanError as error:
            inner = list(_inside(piece, parse, depth - 1)) or [error]
            for one in inner:
                yield _shifted(one, offset + start)


def _shifted(error: SpanError, by: int) -> SpanError:
    return SpanError(
        error.summary, error.detail, error.start + by, error.end + by, hint=error.hint, values=error.values
    )
