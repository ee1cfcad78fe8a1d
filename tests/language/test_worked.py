"""What instances share is worked out once, and each is worth what it would be worth alone."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from reconciler.language import expression as expressions
from reconciler.language import nodes
from reconciler.language.declaration import Declaration
from reconciler.language.functions.signature import apply
from reconciler.language.passage import Document, Passage
from reconciler.language.schema import ArgumentRule, BlockRule, Wanted
from reconciler.language.scope import Scope
from reconciler.language.span import SpanError
from reconciler.language.traversals import Reference
from reconciler.language.value import Value
from reconciler.language.worked import Workshop
from tests.language.evaluated import LOCALS, expression
from tests.language.projects import environments, problems
from tests.language.random_expressions import Maker

RULE = BlockRule("test", (), {"value": ArgumentRule(Wanted.ANY)}, "")
SCOPE = Scope(names={"local": LOCALS, "loop": ("x", 1, True), "each": {"key": "k", "value": (1, 2)}})


def shortened(node: nodes.Expression, varies: Callable[[Reference], bool]) -> nodes.Expression:
    block = nodes.Block(0, 0, "test", (), nodes.Body(0, 0, ()), 0)
    passage = Passage(Document("test.hcl", ""))
    declaration = Declaration(RULE, passage, block, {"value": nodes.Argument(0, 0, "value", node)})
    return Workshop(SCOPE, varies).declaration(declaration).worked["value"]


def told(node: nodes.Expression) -> str:
    try:
        return repr(expressions.evaluate(node, SCOPE.renewed()))
    except SpanError:
        return "a mistake"


def chosen(seed: int) -> Callable[[Reference], bool]:
    """Some of the locals vary, and `each` does."""
    varying = random.Random(seed).sample(sorted(LOCALS), 4)

    def varies(found: Reference) -> bool:
        step = found.steps[0] if found.steps else None
        return found.name.name == "each" or (isinstance(step, nodes.Attribute) and step.name in varying)

    return varies


def made(count: int) -> Iterator[tuple[int, str]]:
    for seed in range(count):
        yield seed, Maker(seed).expression(5)


def test_random_expressions_are_worth_the_same_with_their_parts_worked_out() -> None:
    compared = 0
    for seed, text in made(1_000):
        node = expression(f"[{text}, each.key]")
        short = shortened(node, chosen(seed))
        assert told(short) == told(node), text
        compared += told(node) != "a mistake"
    assert compared > 200


BLOCK = """
variable "team" { default = "vision" }
locals { sizes = { small = 1, large = 2 } }
environment "e" {
  for_each    = toset([for number in range(40) : "k${number}"])
  image       = "docker.io/library/python:3.12"
  description = "${upper(var.team)} ${join(",", [for size, _ in local.sizes : upper(size)])} ${each.key}"
  docker_steps = [upper("run true"), "RUN ${each.key}"]
  lifecycle {
    precondition {
      condition     = contains(keys(local.sizes), lower("SMALL")) && each.key != ""
      error_message = "No size ${upper(var.team)} for ${each.key}."
    }
  }
}
"""


def test_calls_that_do_not_depend_on_the_instance_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def counted(*given: Any) -> Value:
        calls.append(given[0].name)
        return apply(*given)

    monkeypatch.setattr("reconciler.language.calls.apply", counted)
    found = environments(BLOCK)
    assert found["e"].description.startswith("VISION LARGE,SMALL k")
    assert max(Counter(calls).values()) <= 6, Counter(calls)


def test_a_mistake_in_one_instance_is_told_with_all_values_as_they_are_written() -> None:
    (told,) = problems(BLOCK.replace('each.key != ""', 'each.key != "k7"'))
    assert (told.address, told.detail) == ('environment.e["k7"]', "No size VISION for k7.")
    assert told.snippet is not None
    assert dict(told.snippet.values)["local.sizes"] == "is an object with 2 attributes"


def test_a_mistake_in_what_all_share_is_told_of_each_where_it_stands() -> None:
    told = problems(BLOCK.replace('${each.key}"\n  docker', '${[] + 1}${each.key}"\n  docker'))
    assert {item.summary for item in told} == {"Invalid operand"}
    assert len({item.address for item in told}) == 40


def test_thousands_of_operators_in_a_row_are_no_deep_recursion() -> None:
    row = " + ".join(["1"] * 5_000)
    found = environments(BLOCK.replace('${each.key}"\n  docker', f'${{{row} + length(each.key)}}"\n  docker'))
    assert found["e"].description.endswith(("5003", "5002"))
