"""Makes up expressions and compares what they are worth with the terraform program: what nobody thought of.

    python -m tests.language.random_expressions 20 300     twenty runs of three hundred expressions

A seed can follow. Expressions that both refuse agree; those that are worth different things are printed.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from reconciler.language.span import SpanError
from tests.language.evaluated import answer, comparable, value_of
from tests.language.terraform import ask

_LEAVES = [
    *["null", "true", "false", "0", "1", "2", "1.5", "-3", "10", "1e3", "0.1", '""', '"a"', '"b"', '"1"', '"true"'],
    *["[]", "{}", '"é"', "tostring(null)", "tolist([])", "tomap({})", "toset([])", "local.secret", "local.number"],
    *["local.truth", "local.hidden", "local.secrets", "local.later", "local.later_text", "local.later_list"],
    *["local.later_number", "local.later_bool", "local.later_map", "local.later_object", "local.later_set"],
]
_BINARY = ["+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||"]
_KEYS = ["a", "b", "c"]


class Maker:
    """Expressions of one seed; names are those of loops around."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.names: list[str] = []

    def expression(self, depth: int) -> str:
        """One expression."""
        if depth <= 0 or self.chance.random() < 0.12:
            return self.chance.choice([*_LEAVES, *self.names * 4])
        makers = [self.binary, self.binary, self.conditional, self.tuple, self.tuple, self.object, self.object]
        makers += [self.index, self.index, self.attribute, self.splat, self.loop, self.loop, self.object_loop]
        makers += [self.template, self.directive, self.call, self.call, self.call, self.unary]
        return self.chance.choice(makers)(depth - 1)

    def binary(self, depth: int) -> str:
        """`a + b`."""
        return f"({self.expression(depth)} {self.chance.choice(_BINARY)} {self.expression(depth)})"

    def unary(self, depth: int) -> str:
        """`!a`."""
        return f"{self.chance.choice('!-')}{self.expression(depth)}"

    def conditional(self, depth: int) -> str:
        """`a ? b : c`."""
        condition = self.chance.choice(["true", "false", self.expression(depth)])
        return f"({condition} ? {self.expression(depth)} : {self.expression(depth)})"

    def tuple(self, depth: int) -> str:
        """`[a, b]`, often of one kind."""
        count = self.chance.randrange(4)
        if self.chance.random() < 0.5:
            return f"[{', '.join([self.expression(depth)] * count)}]"
        return f"[{', '.join(self.expression(depth) for _ in range(count))}]"

    def object(self, depth: int) -> str:
        """`{a = b}`."""
        keys = self.chance.sample(_KEYS, self.chance.randrange(4))
        return f"{{{', '.join(f'{key} = {self.expression(depth)}' for key in keys)}}}"

    def index(self, depth: int) -> str:
        """`a[b]`."""
        key = self.chance.choice(["0", "1", '"a"', '"b"', "local.later_number", self.expression(depth)])
        return f"{self.collection(depth)}[{key}]"

    def attribute(self, depth: int) -> str:
        """`a.b`."""
        return f"{self.collection(depth)}.{self.chance.choice([*_KEYS, '0'])}"

    def splat(self, depth: int) -> str:
        """`a[*].b`."""
        end = self.chance.choice(["[*]", "[*].a", "[*][0]", "[*].a[0]", ".*.a", ".*.a[0]", "[*].a[*].b"])
        return f"{self.collection(depth)}{end}"

    def collection(self, depth: int) -> str:
        """Something that probably has elements."""
        wrapped = self.chance.choice(["{}", "{}", "tolist({})", "tomap({})", "toset({})"])
        made = self.chance.choice([self.tuple, self.object, self.loop, self.expression])(depth)
        return wrapped.format(made) if wrapped != "{}" else f"({made})"

    def loop(self, depth: int) -> str:
        """`[for x in a : b if c]`."""
        return f"[{self._rounds(depth, lambda: self.expression(depth))}]"

    def object_loop(self, depth: int) -> str:
        """`{for x in a : b => c...}`."""
        dots = self.chance.choice(["", "..."])
        text = self._rounds(depth, lambda: f"{self.expression(depth)} => {self.expression(depth)}{dots}")
        return f"{{{text}}}"

    def _rounds(self, depth: int, body: Any) -> str:
        collection = self.collection(depth)
        names = [f"v{len(self.names) + number}" for number in range(self.chance.choice([1, 1, 2]))]
        self.names += names
        condition = f" if {self.expression(depth)}" if self.chance.random() < 0.3 else ""
        text = f"for {', '.join(names)} in {collection} : {body()}{condition}"
        del self.names[-len(names) :]
        return text

    def template(self, depth: int) -> str:
        """`"a ${b}"`."""
        return f'"x ${{{self.expression(depth)}}} {self.chance.choice(["", "${~ 1 ~}"])} y"'

    def directive(self, depth: int) -> str:
        """`"%{if a}…%{endif}"`."""
        return f'"%{{if {self.expression(depth)}}}p${{{self.expression(depth)}}}%{{else}}q%{{endif}}"'

    def call(self, depth: int) -> str:
        """`tolist(a)` and other conversions."""
        name = self.chance.choice(["tolist", "toset", "tomap", "tostring", "tonumber", "tobool", "sensitive"])
        return f"{name}({self.expression(depth)})"


def differing(expressions: list[str]) -> Iterator[tuple[str, object, object]]:
    """The expressions that are worth something else here, with Terraform's answer and ours."""
    with TemporaryDirectory() as folder:
        answers = ask([{"expression": text} for text in expressions], Path(folder))
    for text, theirs in zip(expressions, answers, strict=True):
        try:
            ours = comparable(answer(value_of(text)))
        except SpanError as error:
            ours = {"error": error.summary}
        if ("error" in ours) != ("error" in theirs) or ("error" not in ours and ours != comparable(theirs)):
            yield text, theirs, ours


def main(runs: int, count: int, seed: int) -> None:
    """Compare, and print what differs."""
    total = 0
    for run in range(seed, seed + runs):
        maker = Maker(run)
        for text, theirs, ours in differing([maker.expression(4) for _ in range(count)]):
            total += 1
            sys.stdout.write(f"{text}\n    terraform {theirs}\n    envform   {ours}\n")
    sys.stdout.write(f"{runs * count - total} of {runs * count} expressions are worth what terraform says\n")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [5, 200, 0][len(given) :]))
