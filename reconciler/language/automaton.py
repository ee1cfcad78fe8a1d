"""The LALR automaton: tables as plain data, and the loop over them. Lark's own loop takes twice the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reconciler.language.tokens import Token
from reconciler.model.frozen import dataclass

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
    """Tables with the functions that make nodes, by rule; a rule without one makes a group.

    `handing` are functions that hand a single value through. Most reductions do no more: an expression climbs a ladder
    of a dozen rules, from term to sum to comparison. Where a ladder ends depends on three things alone, so it is kept.
    """

    def __init__(self, tables: Tables, functions: Mapping[str, Build], handing: frozenset[str] = frozenset()) -> None:
        self._tables = tables
        self._reductions = [
            (rule.size, rule.origin, None if _hands_through(rule, handing) else _build(rule, functions))
            for rule in tables.rules
        ]
        self._climbed: dict[tuple[int, int, str], int] = {}

    def run(self, tokens: Sequence[Token]) -> Any:
        """What the start rule makes of the tokens, the last of which is END; UnexpectedError where they are no text."""
        states, reductions, end = self._tables.states, self._reductions, self._tables.end
        path: list[int] = [self._tables.start]
        values: list[Any] = []
        for token in tokens:
            type_ = token[0]
            while True:
                action = states[path[-1]].get(type_)
                if action is None:
                    raise UnexpectedError(token)
                if action >= 0:
                    path.append(action)
                    values.append(token)
                    break
                size, origin, build = reductions[-1 - action]
                if build is None:
                    path[-1] = self._climb(path[-2], path[-1], type_)
                    continue
                at = len(values) - size
                children = values[at:]
                del values[at:], path[at + 1 :]
                values.append(build(children))
                path.append(states[path[-1]][origin])
                if path[-1] == end:
                    return values[-1]
        raise AssertionError("the last token ends the parse")

    def _climb(self, below: int, state: int, type_: str) -> int:
        """Where the ladder ends that begins in a state above another one, before a token of this type."""
        known = self._climbed.get((below, state, type_))
        if known is not None:
            return known
        states, top = self._tables.states, state
        while (action := states[top].get(type_, 0)) < 0 and self._reductions[-1 - action][2] is None:
            top = states[below][self._reductions[-1 - action][1]]
        self._climbed[below, state, type_] = top
        return top


def _hands_through(rule: Rule, handing: frozenset[str]) -> bool:
    return rule.taken == ((0, False),) and rule.size == 1 and (rule.single or rule.function in handing)


def _build(rule: Rule, functions: Mapping[str, Build]) -> Build:
    make = functions.get(rule.function, _Group)
    if not rule.single and rule.taken == tuple((index, False) for index in range(rule.size)):
        return make
    if make is _Group and not rule.single and rule.taken[:1] == ((0, True),):
        return _longer(rule.taken[1:])

    def build(children: list[Any]) -> Any:
        given: list[Any] = []
        for index, apart in rule.taken:
            if apart:
                given.extend(children[index])
            else:
                given.append(children[index])
        return given[0] if rule.single and len(given) == 1 else make(given)

    return build


class _Group(list[Any]):
    """The values of a rule that has no function; another rule takes them apart."""


def _longer(taken: tuple[tuple[int, bool], ...]) -> Build:
    """A group with more behind it stays the same group: a list of a hundred thousand elements is not copied so often.

    Nobody else has it: a value is taken from the automaton by one rule.
    """

    def build(children: list[Any]) -> Any:
        group = children[0]
        for index, apart in taken:
            if apart:
                group.extend(children[index])
            else:
                group.append(children[index])
        return group

    return build
