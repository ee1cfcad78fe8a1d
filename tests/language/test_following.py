"""What follows from a mistake is not told; what is a mistake of its own is, in the same run."""

from __future__ import annotations

from textwrap import dedent

import pytest

from reconciler.model.diagnostic import Severity
from tests.language.projects import places, problems

FOLLOWING = {
    "a variable without a value decides no number of instances": (
        """\
        variable "n" {}
        locals {
          several = var.n
        }
        environment "a" {
          count   = var.n
          image   = "python:3.12"
          version = "a b"
        }
        environment "b" {
          for_each = toset([local.several])
          image    = "python:3.12"
          dynamic "spark" {
            for_each = [each.value]
            content {
              packages = [spark.value, 1 == 1 ? [] : ""]
            }
          }
        }
        data "environment" "d" {
          name = var.n
        }
        """,
        [(1, "No value for required variable"), (8, "Invalid version"), (16, "Inconsistent conditional result types")],
    ),
    "what stands on a wrong local value is not wrong itself": (
        """\
        locals {
          wrong = upper()
          right = "${local.wrong}-x"
        }
        environment "a" {
          image   = local.right
          version = local.wrong
          lifecycle {
            ignore_changes = [local.wrong]
          }
        }
        """,
        [(2, "Not enough function arguments")],
    ),
    "a block that is built by something wrong is not missed": (
        """\
        environment "a" {
          dynamic "build" {
            for_each = [local.nothing]
            content {
              path  = "."
              paths = "x"
            }
          }
        }
        """,
        [(3, "Reference to undeclared local value"), (6, "Unsupported argument")],
    ),
    "a flag of a wrong type excludes nothing": (
        """\
        environment "a" {
          image        = "python:3.12"
          user_managed = "perhaps"
          pip          = ["numpy"]
        }
        """,
        [(3, "Invalid argument value")],
    ),
    "what is misspelt is looked at as what was meant, and nothing is missed in it": (
        """\
        enviroment "a" {
          imag    = ["x"]
          version = 1
          condaa {
            dependencies = "x"
            pipp         = []
          }
        }
        environmnt "b" {}
        environment "c" {
          image = environment.a.image
          tags  = { b = environment.b.name }
        }
        """,
        [
            (1, "Unsupported block type"),
            (2, "Unsupported argument"),
            (2, "Invalid argument value"),
            (3, "Invalid argument value"),
            (4, "Unsupported block type"),
            (5, "Invalid argument value"),
            (6, "Unsupported argument"),
            (9, "Unsupported block type"),
        ],
    ),
    "references to what a broken block declares are not wrong, and all others are": (
        """\
        variable "broken" {
          default = "a
        }
        locals {
          half = 1 2
          full = 2
        }
        environment "a" {
          image = "python:${var.broken}-${var.brocken}-${local.half}-${local.full}-${local.nothing}"
          tags  = { a = environment.b.name, c = environment.c.name }
        }
        environment "b" {
          image = python:3
        }
        """,
        [
            (2, "Invalid multi-line string"),
            (5, "Missing newline after argument"),
            (9, "Reference to undeclared input variable"),
            (9, "Reference to undeclared local value"),
            (10, "Reference to undeclared environment"),
            (13, "Invalid expression"),
        ],
    ),
    "what can be read of a broken block is looked at": (
        """\
        variable "v" {
          type    = number
          default = 1 2
          tipe    = 5
        }
        environment "a" {
          for_each    = { a = 1 b = 2 }
          version     = 1
          image       = "python:${each.value}-${var.v}-${local.one}-${local.two}"
          description = var.nothing
          spark {
            packages = ["x"
          }
          lifecycle {
            ignore_changes       = [tag]
            replace_triggered_by = [environment.b environment.c]
          }
          depends_on = environment.b]
        }
        environment "b" {
          image: environment.a["a"].image
          tags  = { a = environment.a["b"].name, b = [] }
        }
        locals {
          one = 'x'
          two = upper()
        }
        moved {
          from = environment . . a
          to   = environment.d
        }
        """,
        [
            (3, "Missing newline after argument"),
            (4, "Unsupported argument"),
            (7, "Missing attribute separator"),
            (8, "Invalid argument value"),
            (10, "Reference to undeclared input variable"),
            (12, "Unbalanced brackets"),
            (15, "Invalid ignore_changes"),
            (16, "Missing item separator"),
            (18, "Unbalanced brackets"),
            (21, "Argument or block definition required"),
            (22, "Invalid argument value"),
            (25, "Invalid character"),
            (26, "Not enough function arguments"),
            (29, "Invalid expression"),
        ],
    ),
    "a name that cannot be one is not missed under a name that is near to it": (
        """\
        variable "my name" {
          default = 1
        }
        environment "a" {
          image = "python:${var.my_name}-${var.other}"
        }
        """,
        [(1, "Invalid block label"), (5, "Reference to undeclared input variable")],
    ),
    "all mistakes of one expression are told": (
        """\
        environment "a" {
          image = "python:3.12"
          tags = {
            one   = upper()
            two   = true ? [][0] : nothing.here
            three = try([][1], upper(), "fine")
            four  = [for x in [] : nothing_either(x)]
            five  = "${tonumber("x")} ${1 + null}"
          }
        }
        """,
        [
            (4, "Not enough function arguments"),
            (5, "Invalid index"),
            (5, "Invalid reference"),
            (7, "Call to unknown function"),
            (8, "Invalid function argument"),
            (8, "Invalid operand"),
        ],
    ),
    "blocks without instances are looked at too": (
        """\
        environment "a" {
          count       = 0
          image       = "Python"
          description = tonumber("x")
          conda_file  = "no.yml"
        }
        """,
        [(3, "Invalid image reference"), (4, "Invalid function argument")],
    ),
    "both ways to have several instances are looked at": (
        """\
        environment "a" {
          count    = "z"
          for_each = ["x"]
          image    = 5 == 5 ? [] : 1
        }
        """,
        [
            (2, 'Invalid combination of "count" and "for_each"'),
            (2, "Invalid count argument"),
            (3, "Invalid for_each argument"),
            (4, "Inconsistent conditional result types"),
        ],
    ),
}


@pytest.mark.parametrize("name", FOLLOWING)
def test_mistakes(name: str) -> None:
    text, wanted = FOLLOWING[name]
    assert places(text) == wanted


def test_conditions_and_messages_are_looked_at_apart() -> None:
    found = places(
        """\
        variable "a" {
          default = 1
          validation {
            condition = var.a + "x"
          }
          validation {
            condition     = var.a == 1
            error_message = upper()
          }
        }
        environment "b" {
          image = "python:${var.a}"
        }
        """
    )
    assert found == [(3, "Missing required argument"), (4, "Invalid operand"), (8, "Not enough function arguments")]


def test_what_only_something_wrong_refers_to_is_not_called_unused() -> None:
    found = problems(
        """\
        variable "used" { default = 1 }
        variable "wanted" { default = 1 }
        variable "spare" {
          default = 1
          validation {
            condition     = var.spare == 1
            error_message = "No."
          }
        }
        locals {
          one = 1
          two = 2
        }
        environment "a" {
          image     = "python:3.12"
          something = var.used
          somewhere {
            x = local.one
          }
        }
        environment "a" {
          image = "x${var.wanted}
        }
        """
    )
    warnings = [item.detail for item in found if item.severity is Severity.WARNING]
    assert [detail.partition("`")[2].partition("`")[0] for detail in warnings] == ["var.spare", "local.two"]


def test_the_settings_of_a_wrong_project_are_looked_at_with_the_rest() -> None:
    text = dedent("""\
        output "o" {
          value = upper()
        }
        check "c" {
          assert {
            condition     = 5 + [] == 1
            error_message = {}
          }
        }
        moved {
          from = environment.gone
          to   = environment.b
        }
        environment "b" {
          imagee  = "python:3.12"
          version = "a b"
        }
        """)
    assert places(text) == [
        (2, "Not enough function arguments"),
        (6, "Invalid operand"),
        (7, "Invalid error message"),
        (15, "Unsupported argument"),
        (16, "Invalid version"),
    ]
