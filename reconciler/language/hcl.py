"""The door to python-hcl2: its grammar, as tables that Lark makes, over our own tokens.

Python-hcl2's lexer joins lines that HCL keeps apart and knows no Unicode names, so the scanner stands in its place.
The grammar spells out every place where a newline may stand, which makes ten times the parser states; the scanner has
dealt with newlines already, so those places are taken out first: 0.3 s of CPU in place of 2.6 s. The tables of the
python-hcl2 that we were made with lie beside this module; for another one they are made, and may be kept between runs.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

from reconciler.language.automaton import END, Automaton, Rule, Tables, UnexpectedError
from reconciler.language.nodes import Body
from reconciler.language.scanner import scan
from reconciler.language.sealed import seal, unseal
from reconciler.language.span import SpanError
from reconciler.language.tokens import Token
from reconciler.language.tree import HANDING, RULES

_NEWLINES = " new_line_or_comment?"
_START = "start"
_FORM = 1


def parse(text: str) -> Body:
    """The nodes of one piece of HCL; SpanError at its first mistake. The same text gives the same nodes."""
    tokens = scan(text)
    end = len(text.rstrip())
    tokens.append(Token(END, "", end, end))
    try:
        # RULES makes a Body of the grammar's start.
        return cast(Body, _automaton().run(tokens))
    except UnexpectedError as error:
        raise _unexpected(error.token) from None


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


class KeptTables:
    """The tables between runs: what was kept is taken if it is of the installed grammar. `stored` is asked once."""

    stored: Callable[[], bytes] = bytes
    made: bytes | None = None

    @classmethod
    def offer(cls, stored: Callable[[], bytes]) -> None:
        """What reads that which the last run kept: nobody does while our own tables will do."""
        cls.stored = stored


def _unexpected(token: Token) -> SpanError:
    if token.type == END:
        return SpanError("Invalid expression", "The definition ends before it is whole.", token.start, token.end)
    shown = token.text.strip() or "the end of the line"
    hint = "if a text is meant, such as an image, write it in quotes" if shown == ":" else ""
    return SpanError("Invalid expression", f"`{shown}` cannot stand here.", token.start, token.end, hint=hint)


@cache
def _automaton() -> Automaton:
    key = _key(_grammar())
    tables = _kept(_shipped(), key) or _kept(KeptTables.stored(), key)
    if tables is None:
        KeptTables.made = made_tables()
        tables = _kept(KeptTables.made, key)
    if tables is None:
        raise AssertionError("tables that were just made are of this grammar")
    return Automaton(tables, RULES, HANDING)


def _kept(stored: bytes, key: str) -> Tables | None:
    kept = unseal(stored)
    return Tables.of(kept[1]) if isinstance(kept, list) and len(kept) == 2 and kept[0] == key else None


def _key(grammar: str) -> str:
    return hashlib.sha256(f"{_FORM} {grammar}".encode()).hexdigest()


def _grammar() -> str:
    return _beside("hcl2", "hcl2.lark").decode().replace(_NEWLINES, "")


def _shipped() -> bytes:
    """What `make tables` has written."""
    return _beside("reconciler.language", "tables.json")


def _beside(package: str, name: str) -> bytes:
    from importlib.util import find_spec

    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{package} is not installed")
    loader: Any = spec.loader
    content: bytes = loader.get_data(f"{spec.submodule_search_locations[0]}/{name}")
    return content


def made_tables() -> bytes:
    """The tables of the installed grammar, as they lie beside this module and are kept between runs."""
    grammar = _grammar()
    return seal([_key(grammar), _made(grammar).plain()])


def _made(grammar: str) -> Tables:
    from lark import Lark

    with garbage_collection_paused():
        lark = Lark(grammar, start=_START, parser="lalr", lexer="basic", maybe_placeholders=False)
    automaton: Any = lark.parser
    table = automaton.parser.parser.parse_table
    numbers, rules = {table.start_states[_START]: 0}, dict[Any, int]()
    states = tuple(_counted(table.states, numbers, rules))
    return Tables(states, tuple(map(_rule, rules)), 0, numbers[table.end_states[_START]])


def _counted(states: Any, numbers: dict[Any, int], rules: dict[Any, int]) -> Iterator[dict[str, int]]:
    """States and rules with numbers by when they are met: Lark's own are another each time, for they come from sets."""
    from lark.parsers.lalr_analysis import Shift

    todo = [*numbers]
    for state in todo:
        actions = {}
        for symbol, (action, to) in sorted(states[state].items(), key=lambda item: str(item[0])):
            if action is Shift and to not in numbers:
                numbers[to] = len(numbers)
                todo.append(to)
            actions[str(symbol)] = numbers[to] if action is Shift else -1 - rules.setdefault(to, len(rules))
        yield actions


def _rule(rule: Any) -> Rule:
    """A rule of Lark's: tokens that the grammar names by their text are left out, rules in `_` are taken apart."""
    taken = tuple(
        (index, not symbol.is_term and symbol.name.startswith("_"))
        for index, symbol in enumerate(rule.expansion)
        if rule.options.keep_all_tokens or not (symbol.is_term and symbol.filter_out)
    )
    origin = str(rule.origin.name)
    single = bool(rule.options.expand1 and not rule.alias)
    return Rule(len(rule.expansion), origin, str(rule.alias or origin), single, taken)
