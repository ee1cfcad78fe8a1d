"""What a base image has of its own is not seen in environments with packages, and the plan says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.making_wheels import TinyWheel
from tests.builders.small_bases import PYTHON, python_base
from tests.cli.project import Project

SITE = "usr/lib/python3.11/site-packages"
OWN = {f"{SITE}/{name}.dist-info/METADATA": b"" for name in ("torch-2.5", "Big_Data-1.0", "pip-24.0", "tiny-0.9")}
DECLARED = """
environment "NAME" {
  image = "oci:./images:own"
  pip   = ["./tiny-1.0-py3-none-any.whl"]
}
"""
SUMMARY = "Packages of the base image are not visible"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "project").mkdir()
    project = Project.at(tmp_path / "project")
    LayoutRegistry(project.folder / "images").push(python_base({**PYTHON, **OWN}), [Name("", "own")])
    TinyWheel({"tiny.py": ""}).write(project.folder)
    return project


def test_a_plan_that_builds_on_them_names_them_once(project: Project) -> None:
    project.declare(DECLARED.replace("NAME", "one") + DECLARED.replace("NAME", "two"))
    told = " ".join(project.run("plan").stderr.split())
    assert told.count(SUMMARY) == 1
    assert "that `environment.one` and 1 more will not see: big-data, torch." in told
    project.run("apply", "-auto-approve")
    records = [project.state["environments"][name]["versions"][0] for name in ("one", "two")]
    assert [record["origin"] for record in records] == [{"how": "built"}] * 2, "whichever was first"
    project.declare(DECLARED.replace("NAME", "one").replace("}\n", '  python_version = "3.11"\n}\n'))
    assert "Plan: 0 to add, 1 to change" in project.summary()
    assert SUMMARY not in project.run("plan").stderr, "it was told when the environment was made"


def test_what_uses_the_image_as_it_is_sees_them(project: Project) -> None:
    project.declare('environment "one" {\n  image = "oci:./images:own"\n}\n')
    assert SUMMARY not in project.run("plan").stderr
