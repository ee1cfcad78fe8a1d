"""`envform env export`, as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.project import Project

DECLARED = 'environment "training" {\n  image       = BASE\n  description = "D."\n  tags        = { a = "b" }\n}\n'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project.at(tmp_path)
    project.apply(DECLARED)
    return project


def test_what_is_exported_and_read_again_changes_nothing(project: Project) -> None:
    text = project.run("env", "export", "training").stdout
    assert "description: D.\ntags:\n  a: b\nimage: oci:images:base\nos_type: linux\n" in text
    project.declare("")
    (project.folder / "training.yaml").write_text(text)
    assert project.summary().startswith("No changes.")


def test_files_are_written_once(project: Project) -> None:
    assert project.run("env", "export", "training:1", "-out=azure").stderr.endswith(
        "Written to azure/environment.yml.\n"
    )
    again = project.run("env", "export", "training", "-out=azure", exit_code=1)
    assert "File exists" in again.stderr


def test_what_a_format_cannot_say_is_refused(project: Project) -> None:
    assert "Nothing to export" in project.run("env", "export", "training", "-format=pylock", exit_code=1).stderr
    assert "Unknown version" in project.run("env", "export", "training:9", exit_code=1).stderr
    assert "Invalid value" in project.run("env", "export", "training", "-format=x", exit_code=1).stderr
    done = project.run("env", "export", "training", "-format=dockerfile")
    assert "FROM base" in done.stdout


def test_an_unregistered_curated_environment_is_told_to_be_one(project: Project) -> None:
    told = project.run("env", "export", "envform-sklearn", exit_code=1).stderr.replace("\n", " ")
    assert "it is a curated one" in told
