"""Outputs as they are recorded, and the commands that tell of them, of reasons, and of what stands on what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.project import Project

DECLARED = """
environment "one" {
  image = BASE
}
environment "two" {
  image = environment.one.image
}
output "image" {
  value = environment.two.image
}
output "all" {
  value = { names = ["a", "b"], count = 2, on = true }
}
output "sorted" {
  value = tomap({ names = sort(["b", "a"]) })
}
output "secret" {
  value     = sensitive("hunter2")
  sensitive = true
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.at(tmp_path)


def test_apply_records_outputs_and_prints_them(project: Project) -> None:
    said = project.apply(DECLARED)
    assert 'all = {\n  "count" = 2\n' in said
    assert "secret = <sensitive>" in said
    assert project.run("output", "-raw", "image").stdout == project.state["outputs"]["image"]["value"]


def test_secrets_are_in_no_file(project: Project) -> None:
    project.apply(DECLARED)
    project.run("plan", "-out=saved.plan")
    for path in project.folder.rglob("*"):
        if path.is_file() and path.name != "main.hcl" and ".envform" not in path.parts:
            assert b"hunter2" not in path.read_bytes(), path


def test_outputs_alone_are_a_change_that_apply_records(project: Project) -> None:
    project.apply(DECLARED)
    project.declare(DECLARED.replace("count = 2", "count = 3"))
    project.run("plan", "-detailed-exitcode", exit_code=2)
    project.run("apply", "-auto-approve")
    assert project.state["outputs"]["all"]["value"]["count"] == 3
    assert project.summary().startswith("No changes.")


def test_outputs_for_programs_have_types(project: Project) -> None:
    project.apply(DECLARED)
    printed = json.loads(project.run("output", "-json").stdout)
    assert printed["all"]["type"] == [
        "object",
        {"count": "number", "names": ["tuple", ["string", "string"]], "on": "bool"},
    ]
    assert printed["sorted"]["type"] == ["map", ["list", "string"]]
    assert printed["secret"] == {"sensitive": True, "type": "dynamic", "value": None}
    assert json.loads(project.run("output", "-json", "all").stdout)["names"] == ["a", "b"]


@pytest.mark.parametrize(
    ("words", "summary"),
    [
        (("imge",), "Output not found"),
        (("secret",), "Output is not kept"),
        (("-raw", "all"), "Output cannot be printed raw"),
        (("-raw",), "Output cannot be printed raw"),
    ],
)
def test_what_cannot_be_printed_is_said(project: Project, words: tuple[str, ...], summary: str) -> None:
    project.apply(DECLARED)
    assert f"Error: {summary}" in project.run("output", *words, exit_code=1).stderr


def test_an_explanation_leads_down_to_where_it_begins(project: Project) -> None:
    project.apply(DECLARED)
    project.declare(DECLARED.replace("environment.one.image", 'environment.one.image\n  platform = "linux/amd64"'))
    told = project.run("explain", "environment.two").stdout
    assert told.startswith("environment.two does not change: version 1 since ")
    project.declare(DECLARED)
    project.run("apply", "-auto-approve", "-replace=environment.one")
    told = project.run("explain", "environment.*").stdout
    assert told.count("does not change") == 2
    assert "hint: did you mean `environment.one`?" in project.run("explain", "environment.on", exit_code=1).stderr


def test_the_graph_has_an_arrow_to_what_an_environment_stands_on(project: Project) -> None:
    project.declare(DECLARED)
    assert '"environment.two" -> "environment.one";' in project.run("graph").stdout
    assert "n1 --> n0" in project.run("graph", "-type=mermaid").stdout


def test_expressions_read_what_another_environment_says(project: Project) -> None:
    project.declare(
        'environment "one" {\n  image = BASE\n  tags = { team = "vision" }\n}\n'
        'environment "two" {\n  image = environment.one.image\n  tags = environment.one.tags\n}\n'
        'output "team" {\n  value = environment.two.tags.team\n}\n'
        'output "none" {\n  value = environment.one.pip\n}\n'
    )
    assert '+ team = "vision"' in project.run("plan").stdout
