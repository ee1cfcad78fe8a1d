"""The LALR automaton: tables as plain data, and the loop over them. Lark's own loop takes twice the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.language.tokens import Token

END = "$END"

Build = Callable[[list[Any]], Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """How many values a rule takes, which of them its function gets, and whether one alone is handed through.

    `taken` has the index of each value, and whether it is a group that is taken apart.
    """

    size: int
    origin: str
    function: str
    single: bool
    taken: tuple[tuple[int, bool], ...]


@dataclass(frozen=True, slots=True)
class Tables:
    """For each state what a symbol means: go to a state (0 and up), or reduce by a rule (below 0: -1 is the first)."""

    states: tuple[Mapping[str, int], ...]
    rules: tuple[Rule, ...]
    start: int
    end: int

    def plain(self) -> list[Any]:
        """The tables as JSON could hold them."""
        rules = [[rule.size, rule.origin, rule.function, rule.single, rule.taken] for rule in self.rules]
        return [[dict(state) for state in self.states], rules, self.start, self.end]

    @classmethod
    def of(cls, plain: Any) -> Tables:
        """The tables that were plain."""
        states, rules, start, end = plain
        made = (
            Rule(size, origin, function, single, tuple((index, apart) for index, apart in taken))
            for size, origin, function, single, taken in rules
        )
        return cls(tuple(states), tuple(made), start, end)


class UnexpectedError(Exception):
    """No rule goes on with this token."""

    def __init__(self, token: Token) -> None:
        super().__init__(token.text)
        self.token = token


class Automaton:
    """Tables with the functions that make nodes, by rule; a rule without one makes a group."""

    def __init__(self, tables: Tables, functions: Mapping[str, Build]) -> None:
        self._tables = tables
        self._reductions = [(rule.size, rule.origin, _build(rule, functions)) for rule in tables.rules]

    def run(self, tokens: Sequence[Token]) -> Any:
        """What the start rule makes of the tokens, the last of which is END; UnexpectedError where they are no text."""
        states, reductions, end = self._tables.states, self._reductions, self._tables.end
        path: list[int] = [self._tables.start]
        values: list[Any] = []
        for token in tokens:
            while True:
                action = states[path[-1]].get(token.type)
                if action is None:
                    raise UnexpectedError(token)
                if action >= 0:
                    path.append(action)
                    values.append(token)
                    break
                size, origin, build = reductions[-1 - action]
                children = values[len(values) - size :]
                del values[len(values) - size :]
                del path[len(path) - size :]
                values.append(build(children))
                path.append(states[path[-1]][origin])
                if path[-1] == end:
                    return values[-1]
        raise AssertionError("the last token ends the parse")


def _build(rule: Rule, functions: Mapping[str, Build]) -> Build:
    make = functions.get(rule.function, _Group)
    if not rule.single and rule.taken == tuple((index, False) for index in range(rule.size)):
        return make

    def build(children: list[Any]) -> Any:
        given: list[Any] = []
        for index, apart in rule.taken:
            if apart:
                given.extend(children[index].children)
            else:
                given.append(children[index])
        return given[0] if rule.single and len(given) == 1 else make(given)

    return build


@dataclass(frozen=True, slots=True)
class _Group:
    """The values of a rule that has no function; another rule takes them apart."""

    children: list[Any]
