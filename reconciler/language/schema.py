"""The words that say which blocks there are, and what each of them takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from reconciler.model.frozen import dataclass


class Wanted(Enum):
    """What an argument's value must be, once numbers and bools have become strings where strings are wanted."""

    STRING = "a string"
    QUOTED = "a string in quotes"
    STRINGS = "an object whose values are strings"
    LIST = "a list of strings"
    NUMBER = "a number"
    BOOL = "a bool"
    ANY = "any value"
    EXPRESSION = "an expression"  # left to whoever knows when and where it can be evaluated


@dataclass(frozen=True, slots=True)
class ArgumentRule:
    """What one argument takes; null is the same as leaving it out."""

    wanted: Wanted
    required: bool = False


@dataclass(frozen=True, slots=True)
class BlockRule:
    """What one kind of block is made of; `example` is what messages tell users to write.

    `blocks` are the kinds that may stand inside, each once unless it is `repeated`; `dynamic` may make all of them
    where the outermost block lets it. A name may be that of an argument and of a block. Without `arguments` (None) all
    names are arguments, and each takes an expression.
    """

    type: str
    labels: tuple[str, ...]
    arguments: Mapping[str, ArgumentRule] | None
    example: str
    blocks: Mapping[str, BlockRule] = field(default_factory=dict)
    repeated: bool = False
    required: bool = False
    dynamic: bool = False

    @property
    def indented_example(self) -> str:
        """The example as it stands in the detail of a diagnostic."""
        return "\n".join(f"    {line}" for line in self.example.split("\n"))

    def argument(self, name: str) -> ArgumentRule | None:
        """The rule for one argument."""
        return ANY_EXPRESSION if self.arguments is None else self.arguments.get(name)


ANY_EXPRESSION = ArgumentRule(Wanted.EXPRESSION)
