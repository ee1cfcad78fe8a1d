"""A block that cannot be parsed: its lines are looked at one by one, for all that is wrong with it, and for the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from reconciler.language import nodes
from reconciler.language.pieces import split
from reconciler.language.span import SpanError

_OPENING = re.compile(r'[^\W\d][\w-]*(?:[ \t]+(?:"[^"\n]*"|[^\W\d][\w-]*))*[ \t]*\{')
_ITEM = re.compile(r'[^\W\d][\w-]*[ \t]*(?:=(?!=)|[{"]|[^\W\d])')
_NAMED = re.compile(r'"?(?P<name>[^\W\d][\w-]*)"?[ \t]*[=:]')
_NOT_NEWLINE = re.compile(r"[^\n]")
_DEEPEST = 10
# So that the end of the piece is not taken for the end of the text.
_FOLLOWING = "\n_ = 0\n"

Parse = Callable[[str], nodes.Body]


@dataclass(frozen=True, slots=True)
class Recovered:
    """All mistakes, and the block without them, where that can be told: what is wrong is Unread there."""

    mistakes: Sequence[SpanError]
    items: tuple[nodes.Argument | nodes.Block, ...] = ()


@dataclass(frozen=True, slots=True)
class _Broken:
    """One argument, or whatever it is, and what is wrong with it."""

    error: SpanError
    start: int
    end: int


def recover(text: str, first: SpanError, parse: Parse) -> Recovered:
    """What can be said of a piece of text, of which the parser has told the first mistake.

    Where looking at its parts does not lead to that same mistake, they are not what they seem, and it stands alone.
    """
    found = list(_inside(text, parse, _DEEPEST))
    if not any(broken.error.start == first.start for broken in found):
        return Recovered([first])
    return Recovered([broken.error for broken in found], _rest(text, found, parse))


def _inside(text: str, parse: Parse, depth: int) -> Iterator[_Broken]:
    opening, end = _OPENING.match(text), len(text.rstrip()) - 1
    if opening is None or text[end : end + 1] != "}" or not depth:
        return
    offset = opening.end()
    for start, stop in split(text[offset:end]):
        piece = text[offset + start : offset + stop]
        if not _ITEM.match(piece) and not _NAMED.match(piece):
            continue  # the rest of a line before it, as far as anybody can tell
        try:
            parse(piece + _FOLLOWING)
        except SpanError as error:
            inner = list(_inside(piece, parse, depth - 1)) or [_Broken(_own(error, piece, parse), 0, len(piece))]
            for one in inner:
                yield _shifted(one, offset + start)


def _own(error: SpanError, piece: str, parse: Parse) -> SpanError:
    """The error, unless it lies behind the piece: then something is open at its end, and that is the mistake."""
    if error.start < len(piece):
        return error
    try:
        parse(piece)
    except SpanError as unclosed:
        return unclosed
    return error


def _shifted(broken: _Broken, by: int) -> _Broken:
    error = broken.error
    moved = SpanError(
        error.summary, error.detail, error.start + by, error.end + by, hint=error.hint, values=error.values
    )
    return _Broken(moved, broken.start + by, broken.end + by)


def _rest(text: str, found: Sequence[_Broken], parse: Parse) -> tuple[nodes.Argument | nodes.Block, ...]:
    """The block with something that parses in place of each broken argument; nothing where that cannot be done."""
    for broken in found:
        named = _NAMED.match(text, broken.start, broken.end)
        given = f"{named['name']}=_" if named else ""
        if not given or len(given) > broken.end - broken.start:
            return ()
        blank = _NOT_NEWLINE.sub(" ", text[broken.start + len(given) : broken.end])
        text = text[: broken.start] + given + blank + text[broken.end :]
    try:
        items = parse(text).items
    except SpanError:
        return ()
    starts = {broken.start: broken.end for broken in found}
    return tuple(_unread(item, starts) for item in items)


def _unread(item: nodes.Argument | nodes.Block, broken: dict[int, int]) -> nodes.Argument | nodes.Block:
    if isinstance(item, nodes.Block):
        items = tuple(_unread(inner, broken) for inner in item.body.items)
        return replace(item, body=replace(item.body, items=items))
    if item.start in broken:
        return replace(item, value=nodes.Unread(item.value.start, broken[item.start]))
    return item
