"""No diagnostic holds a sensitive value, whatever is wrong with it."""

from __future__ import annotations

from datetime import date

import pytest

from reconciler.language.configuration import draft
from reconciler.language.no_files import NoFiles
from reconciler.language.validation import validate
from reconciler.model.diagnostic import Diagnostic, EnvformError

SECRET = "HUSH hush"
BEFORE = f"""\
envform {{
  registry = "oci:./registry"
}}
variable "s" {{
  default   = "{SECRET}"
  sensitive = true
}}
variable "other" {{
  default = "b"
}}
locals {{
  many = {{ b = 1 }}
}}
"""
ARGUMENTS = [
    "image = var.s",
    'image = "x:1"\n name = var.s',
    'image = "x:1"\n version = var.s',
    'image = "x:1"\n platform = var.s',
    'image = "x:1"\n os_type = var.s',
    'image = "x:1"\n base = var.s',
    'image = "x:1"\n packages = var.s\n pip = ["numpy==1.0"]',
    'image = "x:1"\n on_destroy = var.s',
    "runtime = var.s",
    'image = "x:1"\n python_version = var.s',
    'image = "x:1"\n conda_file = var.s',
    'image = "x:1"\n conda_file = { dependencies = [var.s], channels = [var.s] }',
    'image = "x:1"\n requirements_file = var.s',
    'image = "x:1"\n pip = ["numpy", var.s]',
    'image = "x:1"\n pip = ["-r ${var.s}"]',
    'image = "x:1"\n docker_steps = [var.s]',
    "dockerfile = var.s",
    'image = "x:1"\n tags = { a = [var.s] }',
    'image = "x:1"\n environment_variables = { "=" = var.s }',
    'image = "x:1"\n user_managed = var.s',
    'image = "x:1"\n count = var.s',
    'image = "x:1"\n for_each = { (var.s) = 1 }',
    'image = "x:1"\n description = tonumber(var.s)',
    'image = "x:1"\n description = local.many[var.s]',
    'image = "x:1"\n description = file(var.s)',
    'image = "x:1"\n description = var.s.attribute',
    'image = "x:1"\n description = [1][var.s]',
    "build {\n path = var.s\n }",
    'build {\n path = "."\n dockerfile_path = var.s\n target = var.s\n }',
    'image = "x:1"\n spark {\n packages = [var.s]\n }',
    'image = "x:1"\n conda {\n dependencies = [var.s]\n channels = [var.s]\n pip = [var.s]\n }',
    'image = "x:1"\n lifecycle {\n ignore_changes = [var.s]\n }',
    'image = "x:1"\n lifecycle {\n precondition {\n condition = var.s == ""\n error_message = "is ${var.s}"\n }\n }',
]
BLOCKS = [
    'data "environment" "d" {\n version = var.s\n }',
    'data "environment" "d" {\n registry = var.s\n }',
    'output "o" {\n value = var.s\n }',
    'check "c" {\n assert {\n condition = var.s == ""\n error_message = "is ${var.s}"\n }\n }',
    "envform {\n registry = var.s\n workspace = var.s\n required_version = var.s\n }",
    'envform {\n registry = "oci:./x"\n defaults {\n runtime = var.s\n }\n }',
]


def told(text: str) -> tuple[Diagnostic, ...]:
    try:
        return validate(draft({"main.hcl": BEFORE + text}, files=NoFiles()), date(2026, 1, 1))
    except EnvformError as error:
        return error.diagnostics


ENVIRONMENTS = [f'environment "a" {{\n {inner}\n}}\n' for inner in ARGUMENTS]


@pytest.mark.parametrize("text", [*ENVIRONMENTS, *BLOCKS])
def test_what_is_said_of_a_sensitive_value_does_not_hold_it(text: str) -> None:
    found = [item for item in told(text) if not item.summary.startswith("Unused")]
    assert found
    for item in found:
        values = item.snippet.values if item.snippet else ()
        said = f"{item.summary} {item.detail} {item.hint} {item.address} {values}".casefold()
        assert "hush" not in said


def test_what_is_said_of_a_default_is_said_once_and_where_it_stands() -> None:
    text = """\
envform {
  registry = "oci:./registry"
  defaults {
    runtime = "moon"
    pip     = ["numpy=>1"]
  }
}
environment "a" {
  image = "x:1"
}
environment "b" {
  for_each = toset(["x", "y"])
  image    = "x:1"
}
"""
    found = validate(draft({"main.hcl": text}, files=NoFiles()), date(2026, 1, 1))
    assert [(item.subject.start.line, item.summary) for item in found if item.subject] == [
        (4, "Invalid argument value"),
        (5, "Invalid requirement"),
    ]
