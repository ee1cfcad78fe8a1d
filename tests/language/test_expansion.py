"""Blocks with several instances, and blocks that `dynamic` makes."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from textwrap import dedent

import pytest

from reconciler.language.configuration import configure
from reconciler.language.evaluation import evaluate
from reconciler.language.filled import fill
from reconciler.language.hcl import parse
from reconciler.language.passage import Document, Passage
from reconciler.language.schema import ArgumentRule, BlockRule, Wanted
from reconciler.language.scope import Scope
from reconciler.language.structure import check_body
from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.environment import Environment
from tests.language.projects import ENVFORM, marked, problem, problems


def instances(text: str) -> dict[str, Environment]:
    configuration = configure({"main.hcl": ENVFORM + dedent(text)})
    return {address: evaluate(configuration, address, {}) for address in configuration.addresses}


def repeated(argument: str) -> str:
    return (
        f'variable "secret" {{\n  default = ["a"]\n  sensitive = true\n}}\nenvironment "e" {{\n  {argument}\n'
        '  image = "python"\n}\nlocals { used = var.secret }\n'
    )


def test_for_each_makes_an_instance_for_each_key() -> None:
    text = """\
        environment "e" {
          for_each    = { b = 2, a = 1 }
          name        = "train-${each.key}"
          image       = "python"
          description = "${each.key}=${each.value}"
          tags        = { shared = "yes", own = each.key }
        }
        """
    found = instances(text)
    assert list(found) == ['environment.e["a"]', 'environment.e["b"]']
    assert [one.name for one in found.values()] == ["train-a", "train-b"]
    assert [one.description for one in found.values()] == ["a=1", "b=2"]
    assert found['environment.e["b"]'].tags == {"shared": "yes", "own": "b"}


def test_count_makes_numbered_instances_in_their_order() -> None:
    text = 'environment "e" {\n  count = 11\n  image = "python"\n  description = count.index\n}\n'
    found = instances(text)
    assert list(found)[9:] == ["environment.e[9]", "environment.e[10]"]
    assert found["environment.e[10]"].description == "10"


def test_instances_without_a_name_are_named_after_label_and_key() -> None:
    found = instances('environment "e" {\n  for_each = toset(["x", "y"])\n  image = "python"\n}\n')
    assert [one.name for one in found.values()] == ["e-x", "e-y"]


@pytest.mark.parametrize(("argument", "count"), [("for_each = {}", 0), ("for_each = toset([])", 0), ("count = 0", 0)])
def test_there_may_be_no_instance(argument: str, count: int) -> None:
    assert len(instances(f'environment "e" {{\n  {argument}\n  image = "python"\n}}\n')) == count


REFUSED = [
    ('for_each = ["a", "b"]', "toset"),
    ("for_each = null", "is null"),
    ("for_each = toset([1, 2])", "strings"),
    ('for_each = toset(["a", null])', "null"),
    ('for_each = "a"', "a string"),
    ("for_each = toset(var.secret)", "sensitive"),
    ("count = -1", "from 0 on"),
    ("count = 1.5", "whole number"),
    ("count = null", "is null"),
    ('count = "many"', '"many"'),
    ("count = true", "a bool"),
    ("count = 1000001", "100,000"),
    ("count = 1\n  for_each = {}", "not both"),
]


@pytest.mark.parametrize(("argument", "said"), REFUSED)
def test_what_tells_no_instances_is_refused_with_the_reason(argument: str, said: str) -> None:
    (found,) = [item for item in problems(repeated(argument)) if item.severity == "error"]
    assert found.summary in (
        "Invalid for_each argument",
        "Invalid count argument",
        'Invalid combination of "count" and "for_each"',
    )
    assert said in f"{found.detail} {found.hint}"
    assert found.address == "environment.e"


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on PATH")
@pytest.mark.parametrize("argument", [argument for argument, _ in REFUSED if "100000" not in argument])
def test_terraform_refuses_them_too(argument: str, tmp_path: Path) -> None:
    text = repeated(argument).replace('environment "e"', 'resource "terraform_data" "e"').replace("image", "input")
    (tmp_path / "main.tf").write_text(text)
    settings = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    codes = [
        subprocess.run(["terraform", word], cwd=tmp_path, env=settings, capture_output=True, check=False).returncode
        for word in ("init", "plan")
    ]
    assert any(codes)


def test_a_mistake_in_all_instances_is_told_once_when_the_project_is_wrong() -> None:
    text = """\
        environment "e" {
          for_each    = toset(["a", "b", "c"])
          image       = "python"
          version     = 3
          description = each.nope
        }
        """
    assert [item.summary for item in problems(text)] == [
        "Invalid argument value",
        "Unsupported attribute",
    ]


def test_instances_with_one_name_are_told_what_to_write() -> None:
    found = problem('environment "e" {\n  for_each = toset(["a", "b"])\n  image = "python"\n  name = "same"\n}\n')
    assert (found.summary, marked(found)) == ("Duplicate environment name", '"same"')
    assert "${each.key}" in found.hint


def test_for_each_over_the_instances_of_another_block() -> None:
    text = """\
        environment "base" {
          for_each = toset(["a", "b"])
          image    = "python"
        }
        environment "on" {
          for_each    = environment.base
          image       = each.value.image
          description = each.key
        }
        """
    configuration = configure({"main.hcl": ENVFORM + dedent(text)})
    assert configuration.addresses[2:] == ('environment.on["a"]', 'environment.on["b"]')
    known = {'environment.base["a"]': {"image": "one"}, 'environment.base["b"]': {"image": "two"}}
    assert evaluate(configuration, Address('environment.on["b"]'), known).image == "two"
    assert configuration.dependencies(Address('environment.on["b"]')) == tuple(known)


def test_a_thousand_keys_are_cheap() -> None:
    keys = ", ".join(f'"key-{number:04}"' for number in range(1000))
    text = f"""\
        locals {{ image = "docker.io/library/python:3.12-slim" }}
        environment "e" {{
          for_each    = toset([{keys}])
          image       = local.image
          description = "for ${{each.key}}"
          tags        = {{ team = "vision", cost = "42" }}
        }}
        """
    parse("warm = 1\n")
    began = time.process_time()
    assert len(instances(text)) == 1000
    assert time.process_time() - began < 1.0


INNER = BlockRule("inner", ("label",), {"text": ArgumentRule(Wanted.STRING)}, "inner {}", repeated=True)
ALONE = BlockRule("alone", (), {"flag": ArgumentRule(Wanted.BOOL, required=True)}, "alone {\n  flag = true\n}")
OUTER = BlockRule("outer", (), {}, "outer {}", blocks={"inner": INNER, "alone": ALONE}, dynamic=True)


def outer(text: str) -> tuple[list[tuple[tuple[str, ...], str | None]], list[bool | None], list[str]]:
    """Labels and text of each `inner`, the flag of each `alone`, and what was wrong."""
    source = dedent(text)
    (block,) = parse(source).items
    found = Diagnostics()
    declaration = check_body(block, OUTER, Passage(Document("main.hcl", source)), found)  # type: ignore[arg-type]
    filled = fill(declaration, Scope(), found)
    made = [(inner.labels, inner.text("text")) for inner in filled.blocks.get("inner", ())]
    flags = [alone.flag("flag") for alone in filled.blocks.get("alone", ())]
    return made, flags, [item.summary for item in found]


def test_dynamic_makes_blocks_among_those_that_are_written_out() -> None:
    text = """\
        outer {
          inner "first" { text = "written" }
          dynamic "inner" {
            for_each = { b = 1, a = 2 }
            labels   = ["label-${inner.key}"]
            content {
              text = "${inner.key}=${inner.value}"
            }
          }
          dynamic "inner" {
            for_each = ["x"]
            iterator = it
            labels   = [it.value]
            content { text = it.key }
          }
          dynamic "alone" {
            for_each = []
            content { flag = true }
          }
          alone { flag = false }
        }
        """
    made, flags, wrong = outer(text)
    assert made == [(("first",), "written"), (("label-a",), "a=2"), (("label-b",), "b=1"), (("x",), "0")]
    assert (flags, wrong) == ([False], [])


@pytest.mark.parametrize(
    ("body", "summary"),
    [
        ('dynamic "iner" {\n for_each = []\n content {}\n}', "Unsupported block type"),
        ('dynamic "inner" {\n content {}\n}', "Missing required argument"),
        ('dynamic "inner" {\n for_each = []\n}', "Missing required block"),
        ('dynamic "inner" {\n for_each = 5\n content {}\n}', "Invalid dynamic for_each value"),
        ('dynamic "inner" {\n for_each = []\n iterator = "it"\n content {}\n}', "Invalid iterator"),
        ('dynamic "inner" {\n for_each = [1]\n labels = 5\n content {}\n}', "Invalid dynamic labels"),
        ('dynamic "alone" {\n for_each = [1, 2]\n content { flag = true }\n}', "Duplicate block"),
        ('dynamic "alone" {\n for_each = [1]\n content {}\n}', "Missing required argument"),
        ("alone { flag = true }\nalone { flag = true }", "Duplicate block"),
        ("inner {}", "Missing block label"),
        ("alone = true", "Unsupported argument"),
    ],
)
def test_blocks_inside_that_are_wrong_are_told(body: str, summary: str) -> None:
    assert outer("outer {\n" + body + "\n}\n")[2] == [summary]


def test_a_lifecycle_is_written_out() -> None:
    loop = 'dynamic "lifecycle" {\n  for_each = [true]\n  content { prevent_destroy = true }\n }'
    found = problem(f'environment "e" {{\n image = "python"\n {loop}\n}}\n')
    assert (found.summary, marked(found)) == ("Unsupported block type", 'dynamic "lifecycle"')


def test_how_many_there_are_may_be_made_from_what_is_sensitive() -> None:
    configuration = configure({"main.hcl": ENVFORM + repeated("count = length(var.secret)")})
    assert configuration.addresses == ("environment.e[0]",)
