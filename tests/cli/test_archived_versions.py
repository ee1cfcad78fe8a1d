"""A version that was archived alone stays so; an environment that was archived as a whole comes back as a whole."""

from __future__ import annotations

from pathlib import Path

from tests.cli.project import Project

DECLARED = """
environment "training" {
  image       = BASE
  version     = "%s"
}
"""


def hidden(project: Project) -> dict[str, bool]:
    registered = project.state["environments"]["training"]
    return {record["version"]: record.get("archived", False) for record in registered["versions"]}


def test_a_version_with_a_mistake_stays_archived_when_the_next_one_comes(tmp_path: Path) -> None:
    project = Project.at(tmp_path)
    for version in "12":
        project.apply(DECLARED % version)
    project.run("env", "archive", "training:1")
    assert "No changes." in project.summary()
    project.apply(DECLARED % "3")
    assert hidden(project) == {"1": True, "2": False, "3": False}


def test_what_is_archived_as_a_whole_and_declared_comes_back_as_a_whole(tmp_path: Path) -> None:
    project = Project.at(tmp_path)
    for version in "12":
        project.apply(DECLARED % version)
    project.run("env", "archive", "training")
    project.apply(DECLARED % "3")
    assert hidden(project) == {"1": False, "2": False, "3": False}
