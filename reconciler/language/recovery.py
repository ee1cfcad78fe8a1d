"""A block that cannot be parsed: its lines are looked at one by one, for all that is wrong with them, and the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from reconciler.language import nodes
from reconciler.language.pieces import joined
from reconciler.language.span import SpanError
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern

_OPENING = lazy_pattern(r'[^\W\d][\w-]*(?:[ \t]+(?:"[^"\n]*"|[^\W\d][\w-]*))*[ \t]*\{')
_ITEM = lazy_pattern(r'[^\W\d][\w-]*[ \t]*(?:=(?!=)|[{"]|[^\W\d])')
_NAMED = lazy_pattern(r'"?(?P<name>[^\W\d][\w-]*)"?[ \t]*[=:]')
_SWALLOWED = lazy_pattern(r"(?<![\w.-])(?P<name>[^\W\d][\w-]*)[ \t]*=(?![=>])")
_NOT_NEWLINE = lazy_pattern(r"[^\n]")
_DEEPEST = 10
# So that the end of the piece is not taken for the end of the text.
_FOLLOWING = "\n_ = 0\n"

Parse = Callable[[str], nodes.Body]


@dataclass(frozen=True, slots=True)
class Recovered:
    """All mistakes, and the block without them, where that can be told: what is wrong is Unread there."""

    mistakes: Sequence[SpanError]
    items: tuple[nodes.Block, ...] = ()


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
    for start, stop in joined(text[offset:end], partial(_parses, parse), inside=True):
        piece = text[offset + start : offset + stop]
        if not _ITEM.match(piece) and not _NAMED.match(piece):
            continue  # the rest of a line before it, as far as anybody can tell
        try:
            parse(piece + _FOLLOWING)
        except SpanError as error:
            inner = list(_inside(piece, parse, depth - 1)) or [_Broken(_own(error, piece, parse), 0, len(piece))]
            for one in inner:
                yield _shifted(one, offset + start)


def _parses(parse: Parse, piece: str) -> bool:
    try:
        parse(piece + _FOLLOWING)
    except SpanError:
        return False
    return True


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


def _rest(whole: str, found: Sequence[_Broken], parse: Parse) -> tuple[nodes.Block, ...]:
    """The block with something that parses in place of each broken argument; nothing where that cannot be done."""
    text = whole
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
    pieces = {broken.start: whole[broken.start : broken.end] for broken in found}
    return tuple(_unread(item, pieces) for item in items if isinstance(item, nodes.Block))


def _unread(block: nodes.Block, pieces: Mapping[int, str]) -> nodes.Block:
    """The block with its broken arguments Unread, and those that a lost bracket or newline has made part of them."""
    items: list[nodes.Argument | nodes.Block] = []
    given = {item.name for item in block.body.items if isinstance(item, nodes.Argument)}
    for item in block.body.items:
        if isinstance(item, nodes.Block):
            items.append(_unread(item, pieces))
        elif item.start not in pieces:
            items.append(item)
        else:
            piece = pieces[item.start]
            value = nodes.Unread(item.value.start, item.start + len(piece))
            items.append(replace(item, value=value))
            swallowed = {found["name"]: item.start + found.start() for found in _SWALLOWED.finditer(piece)}
            items.extend(
                nodes.Argument(at, value.end, name, value) for name, at in swallowed.items() if name not in given
            )
            given.update(swallowed)
    return replace(block, body=replace(block.body, items=tuple(items)))
