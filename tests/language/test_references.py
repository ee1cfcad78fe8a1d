"""What expressions may refer to, what is said of the rest, and circles."""

from __future__ import annotations

from textwrap import dedent

import pytest

from reconciler.language.configuration import Configuration, configure
from reconciler.language.evaluation import evaluate
from reconciler.language.project import UNDECIDED
from reconciler.model.address import Address
from reconciler.model.diagnostic import EnvformError, Severity
from tests.language.projects import ENVFORM, marked, problem

PROJECT = """\
    variable "region" { default = "eu" }
    locals {
      place = "here"
      joined = "${var.region}-${local.place}"
    }
    environment "base" { image = "python" }
    environment "many" {
      for_each = { a = "x", b = "y" }
      image    = "python"
    }
    """


def configured(*texts: str) -> Configuration:
    sources = {f"{number}.hcl": dedent(text) for number, text in enumerate(texts, 1)}
    return configure({"envform.hcl": ENVFORM, **sources})


def described(expression: str, **known: object) -> str:
    """The value of an expression, as the description of an environment."""
    text = f'environment "it" {{\n  image = "python"\n  description = {expression}\n}}\n'
    configuration = configured(PROJECT, text)
    names = {f"environment.{label}": values for label, values in known.items()}
    return evaluate(configuration, Address("environment.it"), names).description


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("var.region", "eu"),
        ("local.joined", "eu-here"),
        ("envform.workspace", "default"),
        ('"${path.module}${path.root}"', ".."),
        ("[for var in [1] : var][0]", "1"),
        ("[for local in [{ joined = 2 }] : local.joined][0]", "2"),
    ],
)
def test_what_is_declared_has_its_value(expression: str, expected: str) -> None:
    assert described(expression) == expected


def test_instances_are_an_object_by_key() -> None:
    many = {'many["a"]': {"image": "one"}, 'many["b"]': {"image": "two"}}
    assert described('environment.many["b"].image', **many) == "two"
    assert described('join("+", values(environment.many)[*].image)', **many) == "one+two"
    assert described('join("+", [for key, one in environment.many : "${key}${one.image}"])', **many) == "aone+btwo"


@pytest.mark.parametrize(
    ("expression", "summary", "at", "hint"),
    [
        ("var.regio", "Reference to undeclared input variable", "var.regio", "`var.region`"),
        ("var.place", "Reference to undeclared input variable", "var.place", "`local.place`"),
        ("local.plaice", "Reference to undeclared local value", "local.plaice", "`local.place`"),
        ("local.region", "Reference to undeclared local value", "local.region", "`var.region`"),
        ("environment.bas.image", "Reference to undeclared environment", "environment.bas", "`environment.base`"),
        ('environment.base["a"].image', "Invalid index", 'environment.base["a"]', "take the index in brackets away"),
        ("environment.base[count.index].image", "Invalid index", "environment.base[count.index]", "take the index"),
        ("environment.base.imag", "Unsupported attribute", "environment.base.imag", "`image`"),
        ('environment.many["a"].imag', "Unsupported attribute", 'environment.many["a"].imag', "`image`"),
        ("data.environment.base.image", "Reference to undeclared data", "data.environment.base", "`environment.base`"),
        ("data.base", "Invalid reference", "data.base", ""),
        ("region", "Invalid reference", "region", "`var.region`"),
        ("base.image", "Invalid reference", "base", "`environment.base`"),
        ("vars.region", "Invalid reference", "vars", "`var.region`"),
        ("terraform.workspace", "Invalid reference", "terraform", "`envform.workspace`"),
        ("envform.workspac", "Invalid reference", "envform.workspac", "`envform.workspace`"),
        ("path.cwd", "Invalid reference", "path.cwd", ""),
        ("path.modul", "Invalid reference", "path.modul", "`path.module`"),
        ("each.key", "Invalid reference", "each.key", ""),
        ("count.index", "Invalid reference", "count.index", ""),
        ("self.image", "Invalid reference", "self.image", ""),
        ("var", "Invalid reference", "var", ""),
        ("environment.it.image", "Self-referential block", "environment.it", ""),
        ("1 == 2 ? var.regio : 1", "Reference to undeclared input variable", "var.regio", "`var.region`"),
        ("[for a in var.regio : b]", "Reference to undeclared input variable", "var.regio", "`var.region`"),
    ],
)
def test_what_means_nothing_is_told_even_where_it_is_not_needed(
    expression: str, summary: str, at: str, hint: str
) -> None:
    text = f'environment "it" {{\n  image = "python"\n  description = {expression}\n}}\n'
    with pytest.raises(EnvformError) as caught:
        configured(PROJECT, text)
    found = next(item for item in caught.value.diagnostics if item.summary == summary)
    assert marked(found) == at
    assert hint in found.hint


def test_who_forgets_the_quotes_of_an_image_is_told_so() -> None:
    with pytest.raises(EnvformError) as caught:
        configured('environment "a" {\n  image = docker.io/library/python:3.12\n}\n')
    (found,) = caught.value.diagnostics
    assert marked(found) == ":"
    assert "write it in quotes" in found.hint


def test_a_wrong_reference_is_told_once_and_a_wrong_local_in_its_own_line() -> None:
    text = """\
        locals { wrong = 1 + "a" }
        environment "a" {
          image = "python"
          description = "${local.wrong} ${var.nope}"
        }
        environment "b" {
          image = "python"
          description = local.wrong
        }
        """
    with pytest.raises(EnvformError) as caught:
        configured(text)
    errors = [item for item in caught.value.diagnostics if item.severity is Severity.ERROR]
    assert [(item.summary, item.subject.start.line if item.subject else 0) for item in errors] == [
        ("Invalid operand", 1),
        ("Reference to undeclared input variable", 4),
    ]


def test_a_local_that_stands_on_environments_tells_its_mistakes_in_its_own_line() -> None:
    text = """\
        locals { number = environment.base.name + 1 }
        environment "base" { image = "python" }
        environment "a" {
          image = "python"
          description = local.number
        }
        """
    configuration = configured(text)
    known = {"environment.base": {"name": "base"}}
    with pytest.raises(EnvformError) as caught:
        evaluate(configuration, Address("environment.a"), known)
    (found,) = caught.value.diagnostics
    assert found.subject is not None
    assert (found.subject.start.line, marked(found)) == (1, "environment.base.name + 1")
    assert evaluate(configuration, Address("environment.a"), {"environment.base": {"name": "1"}}).description == "2"


def test_a_circle_is_told_as_a_path_with_the_place_of_each_step() -> None:
    text = """\
        locals {
          a = local.b
          b = "${local.c}!"
          c = local.a
        }
        environment "it" {
          image = local.a
        }
        """
    found = problem(text)
    assert found.summary == "Dependency cycle"
    path = "`local.a` (1.hcl:2) → `local.b` (1.hcl:3) → `local.c` (1.hcl:4) → `local.a`"
    assert found.detail.startswith(path)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (
            """environment "a" { image = environment.b.image }
            environment "b" { image = local.c }
            locals { c = environment.a.name }""",
            "`environment.a` (1.hcl:1) → `environment.b` (1.hcl:2) → `local.c` (1.hcl:3) → `environment.a`",
        ),
        ("locals { a = local.a }\nenvironment e { image = local.a }", "`local.a` (1.hcl:1) → `local.a`"),
        (
            """environment "a" {
              image      = "x"
              depends_on = [environment.b]
            }
            environment "b" {
              image = "x"
              lifecycle { replace_triggered_by = [environment.a] }
            }""",
            "`environment.a` (1.hcl:3) → `environment.b` (1.hcl:7) → `environment.a`",
        ),
    ],
)
def test_circles_go_through_everything(text: str, path: str) -> None:
    with pytest.raises(EnvformError) as caught:
        configured(text)
    (found,) = [item for item in caught.value.diagnostics if item.summary == "Dependency cycle"]
    assert path in found.detail


def test_two_circles_are_two_problems_and_a_workspace_cannot_name_itself() -> None:
    text = "locals {\n a = local.b\n b = local.a\n c = local.d\n d = local.c\n}\n"
    with pytest.raises(EnvformError) as caught:
        configured(text)
    assert [item.summary for item in caught.value.diagnostics].count("Dependency cycle") == 2
    settings = 'envform {\n  registry = "oci:./r"\n  workspace = local.w\n}\nlocals { w = envform.workspace }\n'
    with pytest.raises(EnvformError, match="Dependency cycle"):
        configure({"main.hcl": settings})


def test_a_chain_of_three_thousand_locals_is_no_deep_recursion() -> None:
    lines = "\n".join(f"  l{number} = local.l{number + 1}" for number in range(3_000))
    text = f'locals {{\n{lines}\n  l3000 = "end"\n}}\nenvironment "a" {{ image = local.l0 }}\n'
    configuration = configured(text)
    assert evaluate(configuration, Address("environment.a"), {}).image == "end"
    text = text.replace('"end"', "environment.b.image") + 'environment "b" { image = "python" }\n'
    known = {"environment.b": {"image": "python"}}
    assert evaluate(configured(text), Address("environment.a"), known).image == "python"


def test_what_must_be_known_first_is_told_by_instance_where_it_can_be() -> None:
    text = """\
        locals { all = values(environment.base)[*].image }
        environment "base" {
          for_each = toset(["a", "b"])
          image    = "python"
        }
        environment "one" {
          for_each = toset(["a", "b"])
          image    = environment.base[each.key].image
        }
        environment "every" {
          image       = "python"
          description = length(local.all)
          depends_on  = [environment.last]
        }
        environment "last" { image = "python" }
        """
    configuration = configured(text)
    base = ('environment.base["a"]', 'environment.base["b"]')
    assert configuration.dependencies(Address('environment.one["a"]')) == base[:1]
    assert configuration.dependencies(Address('environment.one["b"]')) == base[1:]
    assert set(configuration.dependencies(Address("environment.every"))) == {*base, "environment.last"}
    assert configuration.dependencies(Address("environment.last")) == ()
    known = {base[0]: {"image": "first"}}
    assert evaluate(configuration, Address('environment.one["a"]'), known).image == "first"


def test_a_value_that_only_building_tells_is_refused_where_it_is_needed() -> None:
    text = """\
        environment "base" { image = "python" }
        environment "a" {
          image   = "python"
          version = environment.base.digest
        }
        """
    with pytest.raises(EnvformError) as caught:
        evaluate(configured(text), Address("environment.a"), UNDECIDED)
    (found,) = caught.value.diagnostics
    assert (found.summary, marked(found)) == ("Value not known yet", "environment.base.digest")


def test_unused_variables_and_locals_are_warnings_with_their_places() -> None:
    text = """\
        variable "used" { default = 1 }
        variable "spare" {
          default = 1
          validation {
            condition     = var.spare > 0
            error_message = "No."
          }
        }
        locals {
          spare = var.used
          used  = 1
        }
        environment "a" {
          image       = "python"
          description = local.used
        }
        """
    warnings = configured(text).warnings
    assert [(item.summary, marked(item)) for item in warnings] == [
        ("Unused variable", 'variable "spare"'),
        ("Unused local value", "spare"),
    ]
    assert {item.severity for item in warnings} == {Severity.WARNING}


@pytest.mark.parametrize(
    "broken",
    [
        'environment "base" {\n  image = \n}',
        'enviroment "base" { image = "python" }',
        'environment "base" "twice" { image = "python" }',
        'variable "base" {\n  default = \n}',
        "locals {\n  base = \n}",
    ],
)
def test_what_may_stand_in_a_broken_block_is_not_called_undeclared(broken: str) -> None:
    kind = {"v": "var", "l": "local", "e": "environment"}[broken[0]]
    reference = f"{kind}.base.image" if kind == "environment" else f"{kind}.base"
    text = f'{broken}\nenvironment "a" {{\n  image = "python"\n  description = {reference}\n}}\n'
    with pytest.raises(EnvformError) as caught:
        configured(text)
    assert len(caught.value.diagnostics) == 1


def test_a_broken_block_tells_the_mistakes_in_all_its_lines() -> None:
    text = """\
        environment "a" {
          image = 'python'
          description = "open
          lifecycle {
            prevent_destroy = 1 +
            ignore_changes  = []
          }
          tags = { a = = 1 }
          platform = "linux/amd64"
        }
        environment "b" {
          image = 'python'
        }
        """
    with pytest.raises(EnvformError) as caught:
        configured(text)
    assert [item.subject.start.line for item in caught.value.diagnostics if item.subject] == [2, 3, 5, 8, 12]
