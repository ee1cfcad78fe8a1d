"""Which values variables take, and what is said where they cannot."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from reconciler.language.configuration import Configuration, configure
from reconciler.language.evaluation import evaluate
from reconciler.language.inputs import Inputs, VariableFile, VariableText
from reconciler.language.value import Value, plain, unmark
from reconciler.model.diagnostic import Diagnostic, EnvformError, Severity
from tests.language.projects import ENVFORM, marked


def configured(text: str, inputs: Inputs) -> Configuration:
    return configure({"main.hcl": dedent(text), "envform.hcl": ENVFORM}, inputs=inputs)


def value(text: str, inputs: Inputs, name: str = "x") -> Value:
    """The value of a variable of a project."""
    return configured(text, inputs).project.variables[name]


def mistakes(text: str, inputs: Inputs | None = None) -> list[Diagnostic]:
    """The errors of a project."""
    with pytest.raises(EnvformError) as caught:
        configured(text, inputs or Inputs())
    return [item for item in caught.value.diagnostics if item.severity is Severity.ERROR]


def mistake(text: str, inputs: Inputs | None = None) -> Diagnostic:
    (only,) = mistakes(text, inputs)
    return only


X = 'variable "x" { default = "default" }\n'

SOURCES: list[tuple[str, Inputs]] = [
    ("default", Inputs()),
    ("environment", Inputs(environment={"ENVFORM_VAR_x": "environment"})),
    ("main hcl", Inputs(files={"envform.vars.hcl": 'x = "main hcl"'})),
    ("main json", Inputs(files={"envform.vars.json": '{"x": "main json"}'})),
    ("a.auto", Inputs(files={"a.auto.vars.hcl": 'x = "a.auto"'})),
    ("b.auto", Inputs(files={"b.auto.vars.json": '{"x": "b.auto"}'})),
    ("c.auto", Inputs(files={"c.auto.vars.hcl": 'x = "c.auto"'})),
    ("file", Inputs(given=[VariableFile("f.vars.hcl", 'x = "file"')])),
    ("text", Inputs(given=[VariableText("x", "text")])),
]


@pytest.mark.parametrize("winner", range(len(SOURCES)))
def test_each_source_wins_over_all_before_it(winner: int) -> None:
    below = [inputs for _, inputs in SOURCES[: winner + 1]]
    environment = {key: text for inputs in below for key, text in inputs.environment.items()}
    files = {name: text for inputs in below for name, text in inputs.files.items()}
    given = [one for inputs in below for one in inputs.given]
    assert value(X, Inputs(environment, files, given)) == SOURCES[winner][0]


def test_of_flags_the_last_one_wins() -> None:
    given: list[VariableText | VariableFile] = [VariableText("x", "first"), VariableFile("f.json", '{"x": "file"}')]
    assert value(X, Inputs(given=given)) == "file"
    assert value(X, Inputs(given=given[::-1])) == "first"


@pytest.mark.parametrize(
    ("declared", "text", "expected"),
    [
        ("", "[1]", "[1]"),
        ("type = string", "1.10", "1.10"),
        ("type = number", "1.5", 1.5),
        ("type = bool", "true", True),
        ("type = any", "[1]", (1,)),
        ("type = list(string)", '["a", 1]', ("a", "1")),
        ("type = set(string)", '["b", "a", "b"]', ("a", "b")),
        ("type = map(number)", '{ a = "1" }', {"a": 1}),
        ("type = object({ a = string, b = optional(number, 3) })", "{ a = true }", {"a": "true", "b": 3}),
        ("type = tuple([string, bool])", "[1, true]", ("1", True)),
        ("type = list(object({ n = optional(string) }))", "[{}]", ({"n": None},)),
        ("type = string\n nullable = true", "null", "null"),
        ("type = list(any)", "[1, 2]", (1, 2)),
    ],
)
def test_a_text_from_outside_is_read_by_the_declared_type(declared: str, text: str, expected: object) -> None:
    found = value(f'variable "x" {{\n {declared}\n}}\n', Inputs(given=[VariableText("x", text)]))
    assert plain(found) == expected


def test_values_in_json_files_keep_their_kinds_and_texts_are_no_templates() -> None:
    text = '{"x": {"a": [1, 2.5, true, null, "${b}"], "é": "\\u00e9\\/"}}'
    found = value('variable "x" { type = any }', Inputs(files={"envform.vars.json": text}))
    assert plain(found) == {"a": (1, 2.5, True, None, "${b}"), "é": "é/"}


@pytest.mark.parametrize(
    ("block", "assigned", "summary", "said"),
    [
        ('variable "x" {}', None, "No value for required variable", "envform plan -var=x=VALUE"),
        ('variable "x" {}', None, "No value for required variable", "ENVFORM_VAR_x"),
        ('variable "x" { type = number }', "many", "Invalid value for input variable", 'the string "many"'),
        ('variable "x" { type = list(string) }', "[", "Unbalanced brackets", "never closed"),
        ('variable "x" { type = list(string) }', "[var.y]", "References not allowed", "constant"),
        ('variable "x" { type = list(string) }', "a = b", "Invalid expression", "single `=`"),
        ('variable "x" {\n type = any\n nullable = false\n}', "null", "Invalid value for input variable", "nullable"),
        ('variable "x" {\n default = 1\n nullable = 3\n}', None, "Invalid argument value", "a bool"),
        ('variable "x" {\n default = "a"\n type = number\n}', None, "Invalid default value for variable", '"a"'),
        ('variable "x" { default = var.y }', None, "References not allowed", "constant"),
        ('variable "x" {\n default = null\n nullable = false\n}', None, "Invalid default value for variable", "null"),
        ('variable "x" {\n type = strin\n default = 1\n}', None, "Invalid type specification", "`string`"),
        ('variable "x" {\n type = "string"\n default = 1\n}', None, "Invalid quoted type", "type = string"),
        ('variable "x" {\n type = list(1)\n default = []\n}', None, "Invalid type specification", "list(number)"),
        ('variable "x" {\n type = set\n default = []\n}', None, "Invalid type specification", "set(string)"),
        ('variable "x" {\n type = optional(string)\n default = ""\n}', None, "Invalid type specification", "attribute"),
        ('variable "x" {\n defualt = 1\n default = 1\n}', None, "Unsupported argument", "`default`"),
    ],
)
def test_a_value_or_declaration_that_is_wrong_is_told(
    block: str, assigned: str | None, summary: str, said: str
) -> None:
    found = mistake(block, Inputs(given=[] if assigned is None else [VariableText("x", assigned)]))
    assert found.summary == summary
    assert said in f"{found.detail} {found.hint}"


def test_a_wrong_value_in_a_file_is_told_in_that_file() -> None:
    found = mistake('variable "x" { type = number }', Inputs(files={"envform.vars.hcl": '# one\nx = "many"\n'}))
    assert found.subject is not None
    assert (found.subject.filename, found.subject.start.line, marked(found)) == ("envform.vars.hcl", 2, '"many"')
    found = mistake('variable "x" { type = number }', Inputs(files={"envform.vars.json": '{\n "x": "many"\n}'}))
    assert found.subject is not None
    assert (found.subject.filename, found.subject.start.line, marked(found)) == ("envform.vars.json", 2, '"many"')


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("x = 1\nblock {}\n", "Unexpected block"),
        ("x = 1\nx = 2\n", "Duplicate argument"),
        ("x = upper(y)\n", "References not allowed"),
        ("x = unquoted\n", "References not allowed"),
        ("x = [\n", "Unbalanced brackets"),
    ],
)
def test_a_file_of_values_that_is_wrong_is_told(text: str, summary: str) -> None:
    assert mistake(X, Inputs(files={"envform.vars.hcl": text})).summary == summary


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("[]", "["),
        ('{"x": 1,}', "}"),
        ('{"x" 1}', "1"),
        ('{"x": 1} 2', "2"),
        ('{"x": {"a": 1, "a": 2}}', "{"),
        ("", ""),
    ],
)
def test_a_json_file_that_is_wrong_is_told_at_its_place(text: str, at: str) -> None:
    found = mistake(X, Inputs(files={"envform.vars.json": text}))
    assert (found.summary, marked(found)) == ("Invalid JSON", at)


def test_a_value_for_nothing_is_an_error_on_the_command_line_and_a_warning_in_a_file() -> None:
    text = 'variable "region" { default = "eu" }\nenvironment "a" {\n image = "a"\n description = var.region\n}\n'
    found = mistake(text, Inputs(given=[VariableText("regio", "us")]))
    assert (found.summary, found.hint) == ("Value for undeclared variable", "did you mean `region`?")
    configuration = configured(text, Inputs(files={"a.auto.vars.hcl": 'regio = "us"'}))
    (warning,) = configuration.warnings
    assert (warning.severity, warning.summary) == (Severity.WARNING, "Value for undeclared variable")
    assert warning.subject is not None
    assert warning.subject.filename == "a.auto.vars.hcl"
    assert configured(text, Inputs(environment={"ENVFORM_VAR_regio": "us"})).warnings == ()


def test_a_validation_speaks_with_the_value_and_the_place_of_the_rule() -> None:
    text = """\
        variable "x" {
          type = string
          validation {
            condition     = length(var.x) > 3
            error_message = "Too short: ${var.x}."
          }
          validation {
            condition     = var.x != "ab"
            error_message = "Not ab."
          }
        }
        """
    first, second = mistakes(text, Inputs(given=[VariableText("x", "ab")]))
    assert first.summary == "Invalid value for variable"
    assert first.detail == "Too short: ab.\n\nThis was checked by the rule at main.hcl:3."
    assert first.snippet is not None
    assert first.snippet.values == (("var.x", 'is "ab"'),)
    assert second.detail.startswith("Not ab.")


@pytest.mark.parametrize(
    ("rule", "summary"),
    [
        ('condition = "maybe"\n error_message = "m"', "Invalid condition result"),
        ('condition = null\n error_message = "m"', "Invalid condition result"),
        ('condition = false\n error_message = ["m"]', "Invalid error message"),
        ('condition = var.y\n error_message = "m"', "Reference to undeclared input variable"),
        ("condition = false", "Missing required argument"),
        ('condition = each.key == "a"\n error_message = "m"', "Invalid reference"),
    ],
)
def test_a_validation_that_is_wrong_itself_is_told(rule: str, summary: str) -> None:
    assert mistake(f'variable "x" {{\n default = 1\n validation {{\n {rule}\n }}\n}}').summary == summary


def test_a_sensitive_value_is_never_shown() -> None:
    declared = 'variable "x" {\n type = number\n sensitive = true\n'
    found = mistake(declared + "}\n", Inputs(files={"envform.vars.hcl": 'x = "hunter2"'}))
    assert "hunter2" not in repr(found)
    assert "envform.vars.hcl:1" in found.detail
    rule = ' validation {\n condition = var.x > 5\n error_message = "It is ${var.x}."\n }\n}\n'
    found = mistake(declared + rule, Inputs(given=[VariableText("x", "4")]))
    assert "It is 4" not in repr(found)
    assert "sensitive value" in found.detail
    bare, sensitive = unmark(value(declared + "}\n", Inputs(given=[VariableText("x", "4")])))
    assert (bare, sensitive) == (4, True)


@pytest.mark.parametrize("name", ["name", "version", "image", "platform"])
def test_what_is_published_cannot_be_sensitive(name: str) -> None:
    arguments = {"image": '"python"', name: "var.x"}
    block = "\n".join(f"  {key} = {text}" for key, text in arguments.items())
    text = f'variable "x" {{\n default = "linux/amd64"\n sensitive = true\n}}\nenvironment "a" {{\n{block}\n}}\n'
    configuration = configured(text, Inputs())
    with pytest.raises(EnvformError, match="Sensitive value"):
        evaluate(configuration, configuration.addresses[0], {})


def test_mistakes_of_variables_are_told_together_and_lead_to_no_others() -> None:
    text = """\
        variable "a" { type = number }
        variable "b" {}
        locals { c = "${var.a}-${var.b}" }
        environment "e" {
          for_each = toset([var.b])
          image    = local.c
          name     = each.key
        }
        """
    found = mistakes(text, Inputs(given=[VariableText("a", "x")]))
    assert [item.summary for item in found if item.summary != "Invalid for_each argument"] == [
        "Invalid value for input variable",
        "No value for required variable",
    ]


TERRAFORM = shutil.which("terraform")


@pytest.mark.skipif(TERRAFORM is None, reason="terraform is not on PATH")
@pytest.mark.parametrize("skipped", range(6))
def test_the_precedence_is_that_of_terraform(skipped: int, tmp_path: Path) -> None:
    sources = ["environment", "main", "main_json", "a_auto", "b_auto_json", "flag"][: 6 - skipped]
    files = {
        "main": ("terraform.tfvars", "envform.vars.hcl", 'x = "main"\n'),
        "main_json": ("terraform.tfvars.json", "envform.vars.json", '{"x": "main_json"}'),
        "a_auto": ("a.auto.tfvars", "a.auto.vars.hcl", 'x = "a_auto"\n'),
        "b_auto_json": ("b.auto.tfvars.json", "b.auto.vars.json", '{"x": "b_auto_json"}'),
    }
    (tmp_path / "main.tf").write_text(X + 'output "x" { value = var.x }\n')
    for source in sources:
        if source in files:
            (tmp_path / files[source][0]).write_text(files[source][2])
    environment = {"TF_VAR_x": "environment"} if "environment" in sources else {}
    flags = ["-var", "x=flag"] if "flag" in sources else []
    ours = Inputs(
        environment={key.replace("TF_", "ENVFORM_"): text for key, text in environment.items()},
        files={files[source][1]: files[source][2] for source in sources if source in files},
        given=[VariableText("x", "flag")] if flags else [],
    )
    assert value(X, ours) == _planned(tmp_path, flags, environment)


def _planned(folder: Path, flags: list[str], environment: Mapping[str, str]) -> object:
    _terraform(folder, environment, "plan", "-input=false", "-out=plan", *flags)
    shown = json.loads(_terraform(folder, environment, "show", "-json", "plan"))
    return shown["planned_values"]["outputs"]["x"]["value"]


def _terraform(folder: Path, environment: Mapping[str, str], *words: str) -> str:
    settings = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull, **environment}
    done = subprocess.run(["terraform", *words], cwd=folder, env=settings, capture_output=True, text=True, check=True)
    return done.stdout
