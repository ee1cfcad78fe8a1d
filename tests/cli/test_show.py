"""`envform show`, and the forms in which plans are shown."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from reconciler.cli.invocation import ExitCode
from tests.cli.terminal import REPOSITORY, Envform, program

FORMS = ("text", "markdown", "json")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one environment and one output."""
    root = tmp_path / "project"
    shutil.copytree(REPOSITORY / "golden" / "images", root / "images")
    text = (REPOSITORY / "golden" / "create" / "main.hcl").read_text()
    (root / "main.hcl").write_text(text + 'output "image" {\n  value = environment.training.image\n}\n')
    return root


def test_a_saved_plan_is_shown_as_it_was_when_it_was_made(project: Path, envform: Envform) -> None:
    planned = envform("plan", "-out=saved", cwd=project).stdout
    shown = envform("show", "saved", cwd=project)
    assert (shown.exit_code, shown.stderr) == (ExitCode.FINE, "")
    assert planned.startswith(shown.stdout)
    assert "Changes to Outputs:\n" in shown.stdout


@pytest.mark.parametrize("form", FORMS[1:])
def test_plan_and_show_give_the_same_document(form: str, project: Path, envform: Envform) -> None:
    planned = envform("plan", f"-format={form}", "-out=saved", cwd=project).stdout
    shown = envform("show", f"-format={form}", "saved", cwd=project).stdout
    time = re.compile(r'"timestamp":"[^"]+"')
    assert time.sub("", planned) == time.sub("", shown) != ""


def test_the_recorded_state_is_shown_by_address(project: Path, envform: Envform) -> None:
    assert envform("show", cwd=project).stdout == "The state file is empty. No environments are recorded.\n"
    envform("apply", "-auto-approve", cwd=project)
    shown = envform("show", cwd=project).stdout
    assert shown.startswith('# environment.training:\nenvironment "training" {\n    base_digest = "sha256:')
    document = json.loads(envform("show", "-json", cwd=project).stdout)
    (resource,) = document["values"]["root_module"]["resources"]
    assert (resource["address"], resource["values"]["version"]) == ("environment.training", "1")


def test_a_state_in_a_file_needs_no_project(project: Path, envform: Envform, tmp_path: Path) -> None:
    envform("apply", "-auto-approve", cwd=project)
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "pulled").write_text(envform("state", "pull", cwd=project).stdout)
    assert envform("show", "pulled", cwd=tmp_path / "alone").stdout == envform("show", cwd=project).stdout


@pytest.mark.parametrize(
    ("content", "summary"),
    [
        (None, "Plan file not read"),
        ("", "State file is empty"),
        ("{}", "Not an envform state"),
        ('{"plan": {}, "checksum": "", "format_version": "9", "envform_version": ""}', "Plan file cannot be used"),
    ],
)
def test_what_is_neither_plan_nor_state_is_an_error(
    content: str | None, summary: str, envform: Envform, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "file").write_text(content)
    shown = envform("show", "file")
    assert (shown.exit_code, shown.stdout) == (ExitCode.FAILED, "")
    assert shown.stderr.startswith(f"Error: {summary}\n")


@pytest.mark.parametrize(
    "words",
    [("plan", "-json", "-summary"), ("plan", "-json", "-format=json"), ("drift", "-json", "-format=markdown")],
)
def test_one_form_at_a_time(words: tuple[str, ...], project: Path, envform: Envform) -> None:
    assert envform(*words, cwd=project).stderr.startswith("Error: Conflicting flags\n")


def test_a_state_is_not_shown_as_markdown(project: Path, envform: Envform) -> None:
    assert envform("show", "-format=markdown", cwd=project).stderr.startswith("Error: No such format for a state\n")


@pytest.mark.parametrize("form", FORMS)
def test_a_plan_is_shown_the_same_wherever_it_is_shown(form: str, project: Path, envform: Envform) -> None:
    envform("plan", "-out=saved", cwd=project)
    places = (
        {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"},
        {"PYTHONHASHSEED": "2", "TZ": "Pacific/Auckland", "LC_ALL": "C.UTF-8", "COLUMNS": "40"},
    )
    one, other = (program("show", f"-format={form}", "saved", cwd=project, env=place).stdout for place in places)
    assert one == other != ""


def test_drift_is_shown_in_every_form(project: Path, envform: Envform) -> None:
    envform("apply", "-auto-approve", cwd=project)
    shutil.rmtree(project / "registry")
    told = [envform("drift", f"-format={form}", cwd=project) for form in FORMS]
    assert {one.exit_code for one in told} == {ExitCode.CHANGES}
    text, markdown, document = (one.stdout for one in told)
    assert "training:1 is missing from the registry" in text
    assert markdown.startswith("## envform drift: 1\n")
    assert json.loads(document)["resource_drift"][0]["change"]["after"]["digest"] is None


def test_a_limited_plan_is_called_incomplete_beside_it(project: Path, envform: Envform) -> None:
    planned = envform("plan", "-target=environment.training", cwd=project)
    assert planned.stderr.startswith("Warning: Targeting is in effect\n")
