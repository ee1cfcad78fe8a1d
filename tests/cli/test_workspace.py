"""Workspaces: several states for one configuration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconciler.session.workspaces import VARIABLE
from tests.cli.terminal import Envform, Result
from tests.session.projects import content, recorded, states_in

MAIN = 'envform {\n  registry = "oci:./registry"\n}\n'
NAMED = 'envform {\n  registry  = "oci:./registry"\n  workspace = "named"\n}\n'
CHECK = """
check "w" {
  assert {
    condition     = envform.workspace != "bad"
    error_message = "bad one"
  }
}
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(VARIABLE, raising=False)
    (tmp_path / "main.hcl").write_text(MAIN)
    return tmp_path


def words(result: Result) -> str:
    assert result.exit_code == 1
    return " ".join(result.stderr.split())


def current(envform: Envform, *flags: str) -> str:
    return envform("workspace", "show", *flags).stdout.rstrip("\n")


def test_flag_then_environment_then_selection_then_configuration(
    project: Path, envform: Envform, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert current(envform) == "default"
    (project / "main.hcl").write_text(NAMED)
    assert current(envform) == "named"
    envform("workspace", "new", "selected")
    assert current(envform) == "selected"
    monkeypatch.setenv(VARIABLE, "environment")
    assert current(envform) == "environment"
    assert current(envform, "-workspace=flag") == "flag"


@pytest.mark.parametrize("text", [MAIN, NAMED])
def test_expressions_know_the_workspace_that_is_chosen(project: Path, envform: Envform, text: str) -> None:
    (project / "main.hcl").write_text(text)
    envform("workspace", "new", "selected")
    assert envform("console", typed="envform.workspace\n").stdout == '"selected"\n'
    assert envform("console", "-workspace=flag", typed="envform.workspace\n").stdout == '"flag"\n'


def test_what_validate_said_in_one_workspace_is_not_said_in_another(project: Path, envform: Envform) -> None:
    (project / "main.hcl").write_text(MAIN + CHECK)
    assert "bad one" not in envform("validate").stderr
    assert "bad one" in envform("validate", "-workspace=bad").stderr
    assert "bad one" not in envform("validate").stderr


def test_commands_read_the_state_of_the_workspace(project: Path, envform: Envform) -> None:
    recorded(project, "here")
    recorded(project, "there", workspace="other")
    assert envform("state", "list").stdout == "environment.here\n"
    assert envform("state", "list", "-workspace=other").stdout == "environment.there\n"
    envform("workspace", "select", "other")
    assert envform("state", "list").stdout == "environment.there\n"
    assert "destroy" in envform("plan").stdout


def test_a_list_marks_the_current_one(project: Path, envform: Envform) -> None:
    recorded(project, "there", workspace="other")
    (project / "state" / "not a workspace.json").write_text("{}")
    assert envform("workspace", "list").stdout == "* default\n  other\n"
    found = json.loads(envform("workspace", "list", "-json", "-workspace=other").stdout)
    assert (found["current"], found["workspaces"]) == ("other", ["default", "other"])


def test_a_new_one_is_empty_and_current(project: Path, envform: Envform) -> None:
    recorded(project, "here")
    assert envform("workspace", "new", "trial").stdout.startswith("Created and switched to workspace trial.\n")
    assert content(states_in(project).recorded()) == {}
    assert "exists already" in words(envform("workspace", "new", "trial"))


def test_selecting_needs_one_that_is_there(project: Path, envform: Envform) -> None:
    recorded(project, "there", workspace="production")
    said = words(envform("workspace", "select", "prodction"))
    assert said.startswith("Error: Unknown workspace")
    assert said.endswith("did you mean `production`?")
    assert current(envform) == "default"
    assert envform("workspace", "select", "-or-create", "trial").stdout == "Created and switched to workspace trial.\n"
    assert envform("workspace", "select", "production").stdout == "Switched to workspace production.\n"
    assert current(envform) == "production"


@pytest.mark.parametrize("verb", ["select", "new"])
def test_a_selection_that_the_environment_would_overrule_is_refused(
    envform: Envform, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setenv(VARIABLE, "other")
    assert words(envform("workspace", verb, "default")).startswith("Error: Workspace is chosen by the environment")


@pytest.mark.parametrize("verb", ["plan", "apply", "drift", "destroy", "output"])
def test_a_flag_that_names_no_workspace_begins_none(project: Path, envform: Envform, verb: str) -> None:
    recorded(project, "there", workspace="production")
    before = sorted(project.joinpath("state").iterdir())
    said = words(envform(verb, "-workspace=prodction"))
    assert said.startswith("Error: Unknown workspace")
    assert "envform workspace new prodction" in said
    assert said.endswith("did you mean `production`?")
    assert sorted(project.joinpath("state").iterdir()) == before


def test_a_variable_may_begin_a_workspace_and_the_plan_says_so(
    project: Path, envform: Envform, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(project, "there", workspace="production")
    monkeypatch.setenv(VARIABLE, "prodction")
    planned = envform("plan")
    assert planned.exit_code == 0
    assert planned.stderr.startswith("Warning: Workspace is new")
    assert "did you mean `production`?" in planned.stderr
    monkeypatch.setenv(VARIABLE, "production")
    assert "Workspace is new" not in envform("plan").stderr


class TestDelete:
    def test_an_empty_one_goes_without_a_word(self, project: Path, envform: Envform) -> None:
        envform("workspace", "new", "trial")
        assert "is the workspace that you work in" in words(envform("workspace", "delete", "trial"))
        envform("workspace", "select", "default")
        assert envform("workspace", "delete", "trial").stdout == "Deleted workspace trial.\n"
        assert list((project / "state").iterdir()) == []

    def test_one_that_holds_something_needs_force_and_leaves_a_backup(self, project: Path, envform: Envform) -> None:
        state = recorded(project, "there", workspace="other")
        said = words(envform("workspace", "delete", "other"))
        assert said.startswith("Error: Workspace is not empty Workspace `other` has 1 environment on record.")
        assert states_in(project, workspace="other").recorded() == state
        assert envform("workspace", "delete", "-force", "other").exit_code == 0
        (backup,) = (project / "state").iterdir()
        assert envform("state", "push", "-workspace=other", f"state/{backup.name}").exit_code == 0
        assert content(states_in(project, workspace="other").recorded()) == content(state)

    def test_one_that_is_not_there_is_not_to_be_made_first(self, project: Path, envform: Envform) -> None:
        recorded(project, "there", workspace="other")
        said = words(envform("workspace", "delete", "othr"))
        assert said.startswith("Error: Unknown workspace")
        assert "workspace new" not in said
        assert said.endswith("did you mean `other`?")

    def test_the_default_one_is_always_there(self, envform: Envform) -> None:
        envform("workspace", "new", "trial")
        assert words(envform("workspace", "delete", "default")).startswith("Error: Workspace cannot be deleted")

    def test_one_that_somebody_writes_is_not_deleted(self, project: Path, envform: Envform) -> None:
        recorded(project, "there", workspace="other")
        with states_in(project, workspace="other").locked("apply"):
            said = words(envform("workspace", "delete", "-force", "other"))
        assert said.startswith("Error: State is locked")
        assert content(states_in(project, workspace="other").recorded()).keys() == {"there"}


@pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", "", "a" * 91, "a b"])
def test_names_that_are_no_file_names_are_refused(project: Path, envform: Envform, name: str) -> None:
    before = sorted(project.rglob("*"))
    assert "Invalid workspace name" in words(envform("workspace", "new", name))
    assert sorted(project.rglob("*")) == before
    if name:
        assert "given by -workspace" in words(envform("plan", f"-workspace={name}"))


def test_a_selection_that_somebody_spoilt_is_told(project: Path, envform: Envform) -> None:
    (project / ".envform").mkdir()
    (project / ".envform" / "workspace").write_bytes(b"\xff\x00../../x\n")
    assert "given by .envform/workspace" in words(envform("plan"))
    (project / ".envform" / "workspace").unlink()
    (project / ".envform" / "workspace").mkdir()
    assert words(envform("plan")).startswith("Error: Selected workspace not known")


def test_a_configuration_with_mistakes_does_not_keep_anybody_from_the_state(project: Path, envform: Envform) -> None:
    recorded(project, "here")
    (project / "main.hcl").write_text(MAIN + "environment {")
    assert envform("plan").exit_code == 1
    assert envform("state", "list").stdout == "environment.here\n"
