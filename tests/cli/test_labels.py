"""`labels = ["prod"]`: words that lead to a version and move."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler import Environment, Workspace
from tests.cli.project import Project

DECLARED = 'environment "training" {\n  image = IMAGE\n  %s\n}\n'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    from reconciler.oci.reference import Name
    from reconciler.registries.layout import LayoutRegistry
    from tests.builders.debian import debian_base

    LayoutRegistry(tmp_path / "more").push(debian_base(), [Name("", "newer")])
    return Project.at(tmp_path)


def declared(image: str, *lines: str) -> str:
    return DECLARED.replace("IMAGE", image) % "\n  ".join(lines)


def labelled(project: Project) -> dict[str, str]:
    versions = project.state["environments"]["training"]["versions"]
    return {label: one["version"] for one in versions for label in one.get("details", {}).get("labels", ())}


def test_a_label_moves_with_the_version_and_is_a_tag(project: Project) -> None:
    project.apply(declared("BASE", 'labels = ["prod", "blue"]'))
    assert {"training:prod", "training:blue", "training:1"} <= project.refs
    project.declare(declared('"oci:./more:newer"', 'labels = ["prod"]'))
    project.run("apply", "-auto-approve")
    assert labelled(project) == {"blue": "1", "prod": "2"}
    assert project.summary().startswith("No changes.")
    project.run("drift")
    environments = Workspace(project.folder).environments
    assert [environments.get("training", label=label).version for label in ("prod", "blue")] == ["2", "1"]
    made = environments.create_or_update(Environment(name="made", image="oci:./more:newer", labels=["blue"]))
    assert environments.create_or_update(environments.get("made", label="blue")).version == made.version


def test_a_label_is_set_and_taken_away_in_place(project: Project) -> None:
    project.apply(declared("BASE"))
    project.declare(declared("BASE", 'labels = ["prod"]'))
    plan = project.run("plan").stdout
    assert "+ labels" in plan
    assert "0 to add, 1 to change" in plan
    project.run("apply", "-auto-approve")
    assert (labelled(project), "training:prod" in project.refs) == ({"prod": "1"}, True)
    assert "prod" in project.run("env", "list").stdout
    assert "prod" in project.run("env", "show", "training@prod").stdout
    project.apply(declared("BASE"))
    assert (labelled(project), "training:prod" in project.refs) == ({}, False)
    told = project.run("env", "show", "training@prod", exit_code=1).stderr
    assert "It has: latest." in told


def test_a_label_goes_back_to_an_older_version(project: Project) -> None:
    project.apply(declared("BASE", 'version = "1"', 'labels = ["prod"]'))
    project.apply(declared('"oci:./more:newer"', 'version = "2"', 'labels = ["prod"]'))
    project.apply(declared("BASE", 'version = "1"', 'labels = ["prod"]'))
    assert labelled(project) == {"prod": "1"}
    assert project.summary().startswith("No changes.")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (['labels = ["latest"]'], "cannot be given"),
        (['labels = ["3"]'], "A label is a word"),
        (['labels = ["a b"]'], "cannot be a label"),
        (['labels = ["a", "a"]'], "is given twice"),
        (['version = "v1"', 'labels = ["v1"]'], "is a version of `training`"),
    ],
)
def test_what_cannot_be_a_label_is_refused(project: Project, lines: list[str], told: str) -> None:
    project.declare(declared("BASE", *lines))
    assert told in " ".join(project.run("plan", exit_code=1).stderr.split())


def test_a_version_cannot_take_the_word_of_a_label(project: Project) -> None:
    project.apply(declared("BASE", 'labels = ["prod"]'))
    project.declare(declared('"oci:./more:newer"', 'version = "prod"'))
    assert "Version is a label" in project.run("plan", exit_code=1).stderr


def test_a_label_is_taken_wherever_a_version_is(project: Project) -> None:
    project.apply(declared("BASE", 'labels = ["prod"]'))
    data = 'data "environment" "x" {\n  name  = "training"\n  label = "prod"\n}\n'
    read = data + 'output "v" {\n  value = data.environment.x.version\n}\n'
    project.apply(declared('"oci:./more:newer"') + read)
    assert project.run("output", "-raw", "v").stdout == "1"
    project.run("env", "share", "training@prod", "-registry=oci:../shared")
    assert '"version": "1"' in project.run("env", "show", "training@prod", "-o=json").stdout
