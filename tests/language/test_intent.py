"""What stands beside environments: outputs, checks, data, moves, and how environments may change."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

import pytest

from reconciler.language.configuration import Configuration, configure
from reconciler.language.evaluation import (
    check_assertions,
    check_finished,
    evaluate,
    evaluate_data,
    evaluate_outputs,
)
from reconciler.language.value import UNKNOWN
from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostic, EnvformError, Severity
from reconciler.model.intent import DataSource, Json
from reconciler.model.lifecycle import Lifecycle
from tests.language.projects import ENVFORM, marked

A = Address("environment.a")


def configured(*texts: str) -> Configuration:
    return configure({"main.hcl": ENVFORM + "".join(map(dedent, texts))})


def mistakes(*texts: str) -> list[Diagnostic]:
    with pytest.raises(EnvformError) as caught:
        configured(*texts)
    return [item for item in caught.value.diagnostics if item.severity is Severity.ERROR]


def lifecycle(body: str) -> str:
    return (
        'variable "on" { default = true }\nenvironment "other" { image = "python" }\n'
        'data "environment" "there" { name = "other" }\n'
        f'environment "a" {{\n  image = "python"\n  lifecycle {{\n{dedent(body)}\n  }}\n}}\n'
    )


def test_a_lifecycle_is_carried_and_takes_variables_everywhere() -> None:
    body = """\
        prevent_destroy      = var.on
        ignore_changes       = [description, tags["owner"], tags.team, "version"]
        replace_triggered_by = var.on ? [environment.other.hash, environment.other] : []
        """
    found = evaluate(configured(lifecycle(body)), A, {}).lifecycle
    assert found == Lifecycle(
        prevent_destroy=True,
        ignore_changes=("description", "tags.owner", "tags.team", "version"),
        replace_triggered_by=("environment.other.hash", "environment.other"),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("all", ("all",)),
        ("[]", ()),
        ('var.on ? ["tags"] : []', ("tags",)),
        ('[for name in ["tags", "description"] : name]', ("tags", "description")),
    ],
)
def test_ignored_changes_may_be_worked_out(text: str, expected: tuple[str, ...]) -> None:
    found = evaluate(configured(lifecycle(f"ignore_changes = {text}\nprevent_destroy = var.on")), A, {})
    assert found.lifecycle.ignore_changes == expected


@pytest.mark.parametrize(
    ("body", "summary", "hint"),
    [
        ("ignore_changes = [imag]", "Invalid ignore_changes", "`image`"),
        ('ignore_changes = ["imag"]', "Invalid ignore_changes", "`image`"),
        ("ignore_changes = [1 == 1]", "Invalid ignore_changes", ""),
        ('replace_triggered_by = ["environment.other"]', "Invalid reference", "without quotes"),
        ("replace_triggered_by = [var.on]", "Invalid reference", ""),
        ("replace_triggered_by = [environment.othr]", "Reference to undeclared environment", "`environment.other`"),
        ("replace_triggered_by = environment.other", "Invalid reference", ""),
        ("replace_triggered_by = [data.environment.there]", "Data has no changes", ""),
        ("replace_triggered_by = [data.environment.there.hash]", "Data has no changes", ""),
        ('prevent_destroy = "maybe"', "Invalid argument value", ""),
        ("create_before_destroy = true", "Unsupported argument", ""),
    ],
)
def test_a_lifecycle_that_is_wrong_is_told(body: str, summary: str, hint: str) -> None:
    text = lifecycle(f"{body}\n")
    with pytest.raises(EnvformError) as caught:
        evaluate(configured(text), A, {})
    found = next(item for item in caught.value.diagnostics if item.severity is Severity.ERROR)
    assert found.summary == summary
    assert hint in found.hint


def test_depends_on_is_carried_by_instance() -> None:
    text = """\
        environment "a" {
          image      = "python"
          depends_on = [environment.many, environment.one]
        }
        environment "one" { image = "python" }
        environment "many" {
          count = 2
          image = "python"
        }
        """
    configuration = configured(text)
    expected = ("environment.many[0]", "environment.many[1]", "environment.one")
    assert evaluate(configuration, A, {}).depends_on == expected
    assert sorted(configuration.dependencies(A)) == sorted(expected)


CONDITIONS = """\
    environment "a" {
      image = "python"
      lifecycle {
        precondition {
          condition     = environment.other.version != "1"
          error_message = "Version ${environment.other.version} is too old."
        }
        postcondition {
          condition     = self.version == "2"
          error_message = "It is ${self.version}."
        }
      }
    }
    environment "other" { image = "python" }
    """


def test_a_precondition_holds_before_and_a_postcondition_after() -> None:
    configuration = configured(CONDITIONS)
    with pytest.raises(EnvformError) as caught:
        evaluate(configuration, A, {"environment.other": {"version": "1"}})
    (found,) = caught.value.diagnostics
    assert (found.summary, found.detail) == ("Resource precondition failed", "Version 1 is too old.")
    assert (found.address, marked(found)) == (A, 'environment.other.version != "1"')
    known = {"environment.other": {"version": "2"}, A: {"version": "3"}}
    assert evaluate(configuration, A, known).name == "a"
    with pytest.raises(EnvformError) as caught:
        check_finished(configuration, A, known)
    (found,) = caught.value.diagnostics
    assert (found.summary, found.detail) == ("Resource postcondition failed", "It is 3.")
    check_finished(configuration, A, {**known, A: {"version": "2"}})


def outputs(*texts: str, known: Mapping[str, object] | None = None) -> dict[str, Json]:
    configuration = configured('environment "a" { image = "python" }\n', *texts)
    return {one.name: one.value for one in evaluate_outputs(configuration, known or {})}


def test_outputs_are_values_that_json_can_hold() -> None:
    text = """\
        output "image" { value = environment.a.image }
        output "all" { value = { a = [1, 2.5, true, null, "x"], b = toset(["y", "x"]) } }
        """
    found = outputs(text, known={A: {"image": "host/a:1"}})
    assert found == {"image": "host/a:1", "all": {"a": (1, 2.5, True, None, "x"), "b": ("x", "y")}}


def test_an_output_that_only_building_tells_is_carried_as_such() -> None:
    configuration = configured('environment "a" { image = "python" }\noutput "d" { value = environment.a.digest }\n')
    (output,) = evaluate_outputs(configuration, {A: {"digest": UNKNOWN}})
    assert (output.known, output.value) == (False, None)


def test_a_sensitive_output_must_say_so() -> None:
    secret = 'variable "s" {\n  default = "x"\n  sensitive = true\n}\n'
    with pytest.raises(EnvformError, match="Output refers to sensitive values"):
        outputs(secret, 'output "o" { value = [var.s] }\n')
    assert outputs(secret, 'output "o" {\n  value = [var.s]\n  sensitive = true\n}\n') == {"o": ("x",)}


def test_a_failed_check_is_a_warning() -> None:
    text = """\
        check "versions" {
          assert {
            condition     = environment.a.version == "2"
            error_message = "It is ${environment.a.version}."
          }
          assert {
            condition     = true
            error_message = "Never."
          }
        }
        environment "a" { image = "python" }
        """
    (found,) = check_assertions(configured(text), {A: {"version": "1"}})
    assert (found.severity, found.summary, found.detail) == (
        Severity.WARNING,
        "Check block assertion failed",
        "It is 1.",
    )
    assert check_assertions(configured(text), {A: {"version": "2"}}) == ()


def test_data_is_looked_up_by_name_and_version_or_label() -> None:
    text = """\
        data "environment" "shared" {
          name    = "train-${local.kind}"
          version = "3"
        }
        data "environment" "newest" { label = "latest" }
        locals { kind = "cpu" }
        environment "a" {
          image       = data.environment.shared.image
          description = data.environment.newest.version
        }
        """
    configuration = configured(text)
    shared, newest = "data.environment.shared", "data.environment.newest"
    assert evaluate_data(configuration, shared, {}) == DataSource(shared, "train-cpu", version="3")
    assert evaluate_data(configuration, newest, {}) == DataSource(newest, "newest", label="latest")
    assert configuration.dependencies(A) == (shared, newest)
    known = {shared: {"image": "host/shared:3"}, newest: {"version": "7"}}
    found = evaluate(configuration, A, known)
    assert (found.image, found.description) == ("host/shared:3", "7")


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ('data "image" "x" {}', "Unsupported data type"),
        ('data "environment" {}', "Missing block label"),
        ('data "environment" "x" {}\ndata "environment" "x" {}', "Duplicate data"),
        ('output "o" {}', "Missing required argument"),
        ('check "c" {}', "Missing required block"),
        ("locals {\n a = 1\n}\nlocals {\n a = 2\n}", "Duplicate local value"),
        ('variable "v" {}\nvariable "v" {}', "Duplicate variable"),
        ('variable "1v" {}', "Invalid block label"),
        ("moved {\n from = environment.x\n}", "Missing required argument"),
        ("moved {\n from = environment.x\n to = environment.x\n}", "Redundant move statement"),
        ('moved {\n from = "environment.x"\n to = environment.y\n}', "Invalid reference"),
        ("moved {\n from = data.environment.x\n to = environment.y\n}", "Invalid reference"),
        (
            """moved {
              from = environment.x
              to   = environment.y
            }
            moved {
              from = environment.y
              to   = environment.x
            }""",
            "Cyclic dependency in move statements",
        ),
        (
            """moved {
              from = environment.x
              to   = environment.y
            }
            moved {
              from = environment.x
              to   = environment.z
            }""",
            "Ambiguous move statements",
        ),
        ("removed { from = environment.it }", "Removed environment still exists"),
        ("removed {\n from = environment.x\n lifecycle {}\n}", "Missing required argument"),
        (
            'import {\n to = environment.x\n id = "x:1"\n}',
            "Configuration for import target does not exist",
        ),
        ("import {\n to = environment.it\n id = []\n}", "Invalid argument value"),
    ],
)
def test_what_is_wrong_beside_environments_is_told(text: str, summary: str) -> None:
    assert summary in [item.summary for item in mistakes('environment "it" { image = "python" }\n', text + "\n")]


def test_moves_removals_and_imports_are_carried() -> None:
    text = """\
        environment "new" {
          for_each = toset(["k"])
          image    = "python"
        }
        moved {
          from = environment.old
          to   = environment.new["k"]
        }
        removed {
          from = environment.gone[0]
          lifecycle { destroy = false }
        }
        removed { from = environment.other }
        import {
          to = environment.new["k"]
          id = "train:3"
        }
        """
    found = configured(text)
    assert [(one.source, one.target) for one in found.moves] == [("environment.old", 'environment.new["k"]')]
    assert [(one.address, one.destroy) for one in found.removals] == [
        ("environment.gone[0]", False),
        ("environment.other", True),
    ]
    assert [(one.target, one.id) for one in found.imports] == [('environment.new["k"]', "train:3")]
    assert found.moves[0].place.subject.start.line == 8
