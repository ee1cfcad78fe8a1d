"""An image that is used as it is has the interpreter that it is said to have, or is not registered."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.making_wheels import TinyWheel
from tests.builders.small_bases import PYTHON, python_base
from tests.cli.project import Project

DECLARED = """
environment "byo" {
  image            = "oci:./images:python"
  user_managed     = true
  interpreter_path = "%s"
}
"""

BUILT = """
environment "byo" {
  image            = "oci:./images:python"
  interpreter_path = "/nowhere"
  pip              = ["--no-index", "--find-links ./wheels", "shout"]
}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project = Project.at(tmp_path)
    links = {"usr/bin/python3": "python3.11", "opt/python": "/usr/bin", "usr/bin/python": "../../bin/plain"}
    image = python_base({**PYTHON, "bin/plain": b"x"}, links, plain=["bin/plain"])
    LayoutRegistry(project.folder / "images").push(image, [Name("", "python")])
    return project


def refused(project: Project, path: str) -> str:
    """What the plan says, on one line."""
    project.declare(DECLARED % path)
    return " ".join(project.run("plan", exit_code=1).stderr.split())


@pytest.mark.parametrize("path", ["/usr/bin/python3.11", "/opt/python/python3", "python3"])
def test_an_interpreter_that_is_there_is_found(project: Project, path: str) -> None:
    project.apply(DECLARED % path)
    assert "No changes." in project.summary()


def test_one_that_is_not_there_is_refused_by_the_plan(project: Project) -> None:
    assert refused(project, "/opt/conda/bin/python").startswith("Error: Interpreter not found on main.hcl line 8,")
    assert "It has `/usr/bin/python3.11`" in refused(project, "/opt/conda/bin/python")
    assert "that is a folder in the image" in refused(project, "/opt/python")


@pytest.mark.parametrize("path", ["/usr/bin/python", "plain"])
def test_one_that_nobody_may_execute_is_refused_by_the_plan(project: Project, path: str) -> None:
    said = refused(project, path)
    assert said.startswith("Error: Interpreter cannot be run on main.hcl line 8,")
    assert f"`interpreter_path` is `{path}`, and that is a file that nobody may execute in the image" in said


def test_another_path_is_looked_for_when_it_is_declared(project: Project) -> None:
    project.apply(DECLARED % "/usr/bin/python3")
    assert "Error: Interpreter not found" in refused(project, "/nowhere")


def test_what_is_built_is_looked_at_before_it_is_registered(project: Project) -> None:
    (project.folder / "wheels").mkdir()
    TinyWheel({"shout.py": ""}, "shout").write(project.folder / "wheels")
    project.declare(BUILT)
    assert "Interpreter not found" in project.run("apply", "-auto-approve", exit_code=1).stderr
    assert project.state["environments"] == {}
    assert LayoutRegistry(project.folder / "registry").describe(Name("byo", "1")) is None
