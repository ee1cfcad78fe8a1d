"""Parsed blocks kept between runs, by the hash of their text: what has not changed is not parsed again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from reconciler.language import nodes
from reconciler.language.nodes import Body
from reconciler.language.sealed import seal, unseal

# The order is part of the form: a new kind of node is added at the end, any other change makes a new FORM.
_KINDS: tuple[type[nodes.Node], ...] = (
    nodes.Body,
    nodes.Block,
    nodes.Argument,
    nodes.Literal,
    nodes.Number,
    nodes.Name,
    nodes.Item,
    nodes.Attribute,
    nodes.Index,
    nodes.Splat,
    nodes.Parentheses,
    nodes.Unary,
    nodes.Binary,
    nodes.Conditional,
    nodes.Call,
    nodes.Tuple,
    nodes.Object,
    nodes.For,
    nodes.Template,
    nodes.TemplateIf,
    nodes.TemplateFor,
)
_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}
_FIELDS = {kind: tuple(kind.__match_args__) for kind in _KINDS}
FORM = 1


class BlockCache:
    """Parses through a store; what is damaged, foreign or of another envform in it is parsed anew."""

    def __init__(self, parse: Callable[[str], Body], stored: bytes = b"", *, tool: str) -> None:
        self._parse = parse
        self._tool = f"{FORM} {tool}"
        self._known = _read(stored, self._tool)
        self._used: dict[str, Any] = {}
        self._new = False

    def parse(self, text: str) -> Body:
        """The nodes of a block; the same that parsing it gives, and the same mistakes."""
        key = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
        form = self._known.get(key)
        kept = _body(form)
        if kept is not None:
            self._used[key] = form
            return kept
        body = self._parse(text)
        with suppress(RecursionError):  # twenty thousand terms in a row: such a block is not kept
            self._used[key] = _encode(body)
            self._new = True
        return body

    def store(self) -> bytes | None:
        """What to keep for the next run: the blocks of this one. None where that is what was kept already."""
        if not self._new and len(self._used) == len(self._known):
            return None
        return seal({"tool": self._tool, "blocks": self._used})


def _read(stored: bytes, tool: str) -> dict[str, Any]:
    kept = unseal(stored)
    if not isinstance(kept, dict) or kept.get("tool") != tool or not isinstance(kept.get("blocks"), dict):
        return {}
    return dict(kept["blocks"])


def _encode(value: Any) -> Any:
    """A node is a list that begins with its kind's number, a tuple one that begins with null."""
    if isinstance(value, nodes.Node):
        kind = type(value)
        return [_NUMBERS[kind], *(_encode(getattr(value, name)) for name in _FIELDS[kind])]
    if isinstance(value, tuple):
        return [None, *map(_encode, value)]
    return value


def _body(form: Any) -> Body | None:
    try:
        body = _decode(form)
    except (IndexError, TypeError, RecursionError):
        return None
    return body if isinstance(body, Body) else None


def _decode(form: Any) -> Any:
    if not isinstance(form, list):
        return form
    if form[0] is None:
        return tuple([_decode(item) for item in form[1:]])
    return _KINDS[form[0]](*[_decode(item) for item in form[1:]])
