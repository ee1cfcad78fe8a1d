"""An image that is used as it is has the interpreter that it is said to have, or is not registered."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.small_bases import PYTHON, python_base
from tests.cli.project import Project

DECLARED = """
environment "byo" {
  image            = "oci:./images:python"
  user_managed     = true
  interpreter_path = "%s"
}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project = Project.at(tmp_path)
    links = {"usr/bin/python3": "python3.11", "opt/python": "/usr/bin"}
    LayoutRegistry(project.folder / "images").push(python_base(dict(PYTHON), links), [Name("", "python")])
    return project


@pytest.mark.parametrize("path", ["/usr/bin/python3.11", "/opt/python/python3", "python3"])
def test_an_interpreter_that_is_there_is_found(project: Project, path: str) -> None:
    project.apply(DECLARED % path)
    assert "No changes." in project.summary()


def test_one_that_is_not_there_is_refused_and_nothing_is_registered(project: Project) -> None:
    project.declare(DECLARED % "/opt/conda/bin/python")
    refused = project.run("apply", "-auto-approve", exit_code=1)
    assert "Error: Interpreter not found" in refused.stderr
    assert "It has `/usr/bin/python3.11`" in " ".join(refused.stderr.split())
    assert project.state["environments"] == {}
    assert LayoutRegistry(project.folder / "registry").describe(Name("byo", "1")) is None
    project.declare(DECLARED % "/opt/python")
    assert "that is a folder in the image" in " ".join(
        project.run("apply", "-auto-approve", exit_code=1).stderr.split()
    )


def test_another_path_is_looked_for_when_it_is_declared(project: Project) -> None:
    project.apply(DECLARED % "/usr/bin/python3")
    project.declare(DECLARED % "/nowhere")
    assert "Interpreter not found" in project.run("apply", "-auto-approve", exit_code=1).stderr
