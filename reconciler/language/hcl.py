"""The door to python-hcl2: its grammar, as tables that Lark makes, over our own tokens.

Python-hcl2's lexer joins lines that HCL keeps apart and knows no Unicode names, so the scanner stands in its place.
The grammar spells out every place where a newline may stand, which makes ten times the parser states; the scanner has
dealt with newlines already, so those places are taken out first: 0.25 s of CPU in place of 2.6 s.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from reconciler.language.nodes import Body
from reconciler.language.scanner import scan
from reconciler.language.span import SpanError
from reconciler.language.tokens import Token
from reconciler.language.tree import RULES

_NEWLINES = " new_line_or_comment?"
_START = "start"
_END = "$END"


def parse(text: str) -> Body:
    """The nodes of one piece of HCL; SpanError at its first mistake. The same text gives the same nodes."""
    tokens = scan(text)
    end = len(text.rstrip())
    tokens.append(Token(_END, "", end, end))
    # RULES makes a Body of the grammar's start.
    return cast(Body, _tables().run(tokens))


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


@dataclass(frozen=True, slots=True)
class _Shift:
    """Take the token and go to a state."""

    state: int


@dataclass(frozen=True, slots=True)
class _Reduce:
    """Replace the last values by what a rule makes of them."""

    size: int
    build: Callable[[list[Any]], Any]
    origin: str


@dataclass(frozen=True, slots=True)
class _Tables:
    """The LALR automaton. Lark's own loop over the same tables takes twice the time."""

    states: Mapping[int, Mapping[str, _Shift | _Reduce]]
    start: int
    end: int

    def run(self, tokens: list[Token]) -> Any:
        """What the grammar's start rule makes of the tokens."""
        path, values = [self.start], []
        for token in tokens:
            while True:
                action = self.states[path[-1]].get(token.type)
                if isinstance(action, _Shift):
                    path.append(action.state)
                    values.append(token)
                    break
                if action is None:
                    raise _unexpected(token)
                children = values[len(values) - action.size :]
                del values[len(values) - action.size :]
                del path[len(path) - action.size :]
                values.append(action.build(children))
                path.append(cast(_Shift, self.states[path[-1]][action.origin]).state)
                if path[-1] == self.end:
                    return values[-1]
        raise AssertionError("the last token ends the parse")


def _unexpected(token: Token) -> SpanError:
    if token.type == _END:
        return SpanError("Invalid expression", "The definition ends before it is whole.", token.start, token.end)
    shown = token.text.strip() or "the end of the line"
    return SpanError("Invalid expression", f"`{shown}` cannot stand here.", token.start, token.end)


@cache
def _tables() -> _Tables:
    from importlib.util import find_spec
    from types import SimpleNamespace

    from lark import Lark
    from lark.parsers.lalr_analysis import Shift

    spec = find_spec("hcl2")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("python-hcl2 is not installed")
    loader: Any = spec.loader
    grammar = loader.get_data(f"{spec.submodule_search_locations[0]}/hcl2.lark").decode()
    with garbage_collection_paused():
        lark = Lark(
            grammar.replace(_NEWLINES, ""),
            start=_START,
            parser="lalr",
            lexer="basic",
            transformer=SimpleNamespace(**RULES),
            propagate_positions=False,
            maybe_placeholders=False,
        )
    automaton: Any = lark.parser
    table, build = automaton.parser.parser.parse_table, automaton.parser.parser.callbacks
    states = {
        state: {
            str(symbol): _Shift(to) if action is Shift else _Reduce(len(to.expansion), build[to], str(to.origin.name))
            for symbol, (action, to) in actions.items()
        }
        for state, actions in table.states.items()
    }
    return _Tables(states, table.start_states[_START], table.end_states[_START])
