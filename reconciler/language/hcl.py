"""The door to python-hcl2: its grammar file, run by Lark over our own tokens.

Python-hcl2's lexer joins lines that HCL keeps apart and knows no Unicode names; its grammar spells out every place
where a newline may stand, which makes ten times the parser states. Our scanner has dealt with newlines already, so
those places are taken out before Lark reads the grammar: it loads in 0.25 s of CPU in place of 2.6 s.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from reconciler.language.nodes import Body
from reconciler.language.scanner import scan
from reconciler.language.span import SpanError
from reconciler.language.tree import RULES

if TYPE_CHECKING:
    from lark import Lark

_NEWLINES = " new_line_or_comment?"


def parse(text: str) -> Body:
    """The nodes of one piece of HCL; SpanError at its first mistake. The same text gives the same nodes."""
    from lark.exceptions import UnexpectedToken

    tokens = scan(text)
    if not tokens:
        return Body(0, 0, ())
    try:
        # Our lexer takes tokens where others take text, and RULES makes the start rule a Body.
        return cast(Body, _grammar().parse(cast(Any, tokens)))
    except UnexpectedToken as error:
        raise _span_error(error, text) from None


@contextmanager
def garbage_collection_paused() -> Iterator[None]:
    """Many small nodes and no cycles: collecting while they are made is half of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _span_error(error: Any, text: str) -> SpanError:
    token = error.token
    if token.type == "$END":
        detail = "The definition ends before it is complete."
        return SpanError("Invalid expression", detail, len(text.rstrip()), len(text))
    shown = token.strip() or "the end of the line"
    start = token.start_pos
    return SpanError("Invalid expression", f"`{shown}` cannot stand here.", start, max(token.end_pos, start + 1))


@cache
def _grammar() -> Lark:
    from importlib.util import find_spec
    from types import SimpleNamespace

    from lark import Lark
    from lark.lexer import Lexer, Token

    class Tokens(Lexer):
        """Hands over what the scanner made."""

        def __init__(self, lexer_conf: object) -> None:
            pass

        def lex(self, data: Any) -> Iterator[Token]:  # type: ignore[override]  # the documented form for custom lexers
            for kind, value, start, end in data:
                yield Token(kind, value, start, end_pos=end)

    spec = find_spec("hcl2")
    if spec is None or not spec.submodule_search_locations or spec.loader is None:
        raise ModuleNotFoundError("python-hcl2 is not installed")
    read: Any = spec.loader
    grammar = read.get_data(f"{spec.submodule_search_locations[0]}/hcl2.lark").decode()
    with garbage_collection_paused():
        return Lark(
            grammar.replace(_NEWLINES, ""),
            parser="lalr",
            lexer=Tokens,
            transformer=SimpleNamespace(**RULES),
            propagate_positions=False,
            maybe_placeholders=False,
        )
