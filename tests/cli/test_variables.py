"""Variables on the command line, in files and in the environment."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.terminal import REPOSITORY, Envform, program

MAIN = """\
envform {
  registry  = "oci:./registry"
  workspace = var.workspace
}

variable "workspace" {
  type    = string
  default = "dev"
}

variable "names" {
  type    = set(string)
  default = ["a"]
}

environment "e" {
  for_each = var.names
  name     = each.key
  image    = "oci:./images:base"
}
"""

Planned = Callable[..., list[str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "main.hcl").write_text(MAIN)
    shutil.copytree(REPOSITORY / "golden" / "images", tmp_path / "images")
    return tmp_path


@pytest.fixture
def planned(project: Path, envform: Envform) -> Planned:
    """The environments that a plan with these words would create."""

    def plan(*words: str) -> list[str]:
        result = envform("plan", "-summary", *words, cwd=project)
        assert result.exit_code == 0, result.stderr
        return [line.split('"')[1] for line in result.stdout.splitlines() if '["' in line]

    return plan


def test_flags_are_taken_in_the_order_in_which_they_were_typed(project: Path, planned: Planned) -> None:
    (project / "prod.vars.hcl").write_text('names = ["b", "c"]\n')
    assert planned() == ["a"]
    assert planned('-var=names=["d"]') == ["d"]
    assert planned("-var-file=prod.vars.hcl") == ["b", "c"]
    assert planned('-var=names=["d"]', "-var-file", "prod.vars.hcl") == ["b", "c"]
    assert planned("-var-file=prod.vars.hcl", "--var", 'names=["d"]') == ["d"]


def test_files_win_over_the_environment_and_flags_over_files(
    project: Path, planned: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENVFORM_VAR_names", '["from-env"]')
    assert planned() == ["from-env"]
    (project / "envform.vars.hcl").write_text('names = ["from-main"]\n')
    assert planned() == ["from-main"]
    (project / "x.auto.vars.json").write_text('{"names": ["from-auto"]}')
    assert planned() == ["from-auto"]
    assert planned('-var=names=["from-flag"]') == ["from-flag"]


def test_what_was_planned_is_applied_with_the_same_flags(project: Path, envform: Envform) -> None:
    words = ("-var=workspace=prod", '-var=names=["x", "y"]')
    assert envform("apply", "-auto-approve", *words, cwd=project).exit_code == 0
    assert (project / "state" / "prod.json").exists()
    assert not (project / "state" / "dev.json").exists()
    assert envform("plan", "-detailed-exitcode", *words, cwd=project).exit_code == 0
    assert envform("drift", *words, cwd=project).exit_code == 0
    assert envform("plan", "-detailed-exitcode", "-var=workspace=prod", cwd=project).exit_code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-var=nope=1",), "Value for undeclared variable"),
        (("-var=name=1",), "did you mean `names`?"),
        (("-var=names",), "write `-var=NAME=VALUE`"),
        (("-var==1",), "write `-var=NAME=VALUE`"),
        (("-var",), "Flag without a value"),
        (("-var=names=5",), "Invalid value for input variable"),
        (('-var=names=["a"',), "<-var=names>"),
        (("-var-file=nope.hcl",), "The file `nope.hcl` that was given with -var-file does not exist."),
        (("-var-file=images",), "Unreadable configuration file"),
        (("-var=workspace=../up",), "Invalid workspace name"),
    ],
)
def test_a_mistake_in_a_flag_is_told(project: Path, envform: Envform, words: tuple[str, ...], said: str) -> None:
    result = envform("plan", *words, cwd=project)
    assert result.exit_code == 1
    assert said in result.stderr


def test_a_missing_value_names_the_three_ways_to_give_it(project: Path, envform: Envform) -> None:
    with (project / "more.hcl").open("w") as file:
        file.write('variable "owner" {}\nlocals { o = var.owner }\n')
    result = envform("validate", cwd=project)
    assert result.exit_code == 1
    for way in ("envform.vars.hcl", "ENVFORM_VAR_owner", "-var=owner=VALUE"):
        assert way in result.stderr
    assert envform("validate", "-var=owner=me", cwd=project).exit_code == 0


def test_warnings_are_told_and_stop_nothing(project: Path, envform: Envform) -> None:
    (project / "envform.vars.hcl").write_text("spare = 1\n")
    (project / "more.hcl").write_text('variable "unused" { default = 1 }\n')
    result = envform("plan", cwd=project)
    assert result.exit_code == 0
    assert "Warning: Unused variable" in result.stderr
    assert "Warning: Value for undeclared variable" in result.stderr
    assert "on envform.vars.hcl line 1" in result.stderr


def test_a_secret_from_outside_is_nowhere_in_what_is_printed(project: Path) -> None:
    (project / "more.hcl").write_text(
        'variable "token" {\n  type = number\n  sensitive = true\n}\nlocals { t = var.token }\n'
    )
    result = program("plan", cwd=project, env={"ENVFORM_VAR_token": "hunter2"})
    assert result.exit_code == 1
    assert "Invalid value for input variable" in result.stderr
    assert "hunter2" not in result.stdout + result.stderr


def test_the_console_knows_what_is_declared(project: Path, envform: Envform) -> None:
    typed = "var.names\nenvform.workspace\n"
    result = envform("console", "-var=workspace=prod", cwd=project, typed=typed)
    assert result.stdout == 'toset(["a"])\n"prod"\n'
