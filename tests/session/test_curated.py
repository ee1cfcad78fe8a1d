"""Environments that come with envform: sound, resolvable, used by name, never changed, cloned."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.language.configuration import configure
from reconciler.language.evaluation import evaluate
from reconciler.language.formatting.lines import format_text
from reconciler.language.inputs import Inputs
from reconciler.language.rules import check_image, check_name
from reconciler.language.sketches.text import hcl_text
from reconciler.language.source import ProjectFiles
from reconciler.model.environment import Environment
from reconciler.session.cloning import sketch_environment
from reconciler.session.curated import curated_environments, curated_texts, default_images
from tests.cli.project import SETTINGS, Project
from tests.resolvers.test_pypi_real import resolve

CURATED = """
environment "envform-tiny" {
  image       = "oci:./images:base"
  version     = "1"
  description = "For tests."
}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project that knows a curated environment whose base is at hand."""
    monkeypatch.setattr("reconciler.session.reading.curated_texts", lambda: {"envform-tiny": CURATED})
    return Project.at(tmp_path)


def test_what_ships_is_there_formatted_and_under_a_reserved_name() -> None:
    found = {one.name: one for one in curated_environments()}
    assert (
        {*found} == {*curated_texts()} >= {f"envform-{name}" for name in ("python", "sklearn", "boosting", "inference")}
    )
    for name, one in found.items():
        assert check_name(name), "nobody else can have it"
        assert one.version == "1"
        assert one.description
        assert one.contents.packages
        assert all("==" in package for package in one.contents.packages)
        assert format_text(curated_texts()[name]) == curated_texts()[name]
    assert found["envform-inference"].details.inference_config


def test_the_table_of_images_names_each_choice_once() -> None:
    lines = default_images()
    assert len({(one.platform, one.python, one.accelerator) for one in lines}) == len(lines)
    assert not [one.image for one in lines if check_image(one.image)]


@pytest.mark.network
def test_a_curated_environment_resolves(tmp_path: Path) -> None:
    (one,) = (one for one in curated_environments() if one.name == "envform-python")
    lock = resolve(tmp_path, *one.contents.packages, python="3.12")
    assert {package.partition("==")[0] for package in one.contents.packages} < {it.name for it in lock.artefacts}


def test_data_that_names_a_curated_environment_has_it_registered_first(project: Project) -> None:
    applied = project.apply(
        'data "environment" "base" {\n  name = "envform-tiny"\n}\n'
        'environment "mine" {\n  image = data.environment.base.image\n}\n'
    )
    assert "2 added" in applied
    assert project.refs >= {"envform-tiny:1", "mine:1"}
    assert "No changes." in project.summary()
    gone = project.apply('environment "mine" {\n  image = BASE\n}\n')
    assert "1 destroyed" in gone


def test_a_reference_to_a_curated_environment_is_enough(project: Project) -> None:
    assert "2 added" in project.apply('environment "mine" {\n  image = environment.envform-tiny.image\n}\n')
    project.declare('environment "mine" {\n  image = BASE # environment.envform-tiny\n}\n')
    assert "1 to destroy" in project.summary()
    project.declare('environment "mine" {\n  image = environment.envform-sklaern.image\n}\n')
    assert "`envform env list -curated`" in project.run("plan", exit_code=1).stderr


def test_defaults_of_the_project_do_not_reach_a_curated_environment(project: Project) -> None:
    settings = 'envform {\n  registry = "oci:./registry"\n  defaults {\n    tags = { a = "b" }\n  }\n}\n'
    (project.folder / "main.hcl").write_text(settings + 'output "a" {\n  value = environment.envform-tiny.hash\n}\n')
    project.run("apply", "-auto-approve")
    (registered,) = project.state["environments"].values()
    assert not registered["versions"][0].get("tags")


@pytest.mark.parametrize("name", ["envform-mine", "Envform-x", "AzureML-x", "Microsoft"])
def test_a_reserved_name_is_refused_with_the_advice_to_clone(project: Project, name: str) -> None:
    project.declare(f'environment "x" {{\n  name  = "{name}"\n  image = BASE\n}}\n')
    told = project.run("validate", exit_code=1).stderr.replace("\n", " ")
    assert "Reserved environment name" in told
    assert "envform env clone" in told


def test_a_clone_is_the_same_definition_under_another_name(project: Project) -> None:
    for one in curated_environments():
        text = project.run("env", "clone", one.name, "mine").stdout
        cloned = configured(project.folder, text)
        assert (cloned.name, cloned.version) == ("mine", None)
        same = ("image", "contents", "details", "description", "platform")
        assert [getattr(cloned, it) for it in same] == [getattr(one, it) for it in same]
        assert project.run("env", "clone", one.name, "mine", "-yaml").stdout.startswith("envform:")


def configured(root: Path, text: str) -> Environment:
    configuration = configure({"main.hcl": text}, files=ProjectFiles(root), inputs=Inputs())
    (address,) = configuration.addresses
    return evaluate(configuration, address, {})


def test_a_clone_has_all_that_a_block_can_say(project: Project) -> None:
    body = """
environment "a" {
  image          = "b.example/c:1"
  description    = "D."
  python_version = "3.12"
  pip            = ["--index-url https://x.example/simple", "six==1.16.0"]
  docker_steps   = ["RUN echo ${"$"}{HOME}"]
  properties     = { p = "q" }
  platform       = "linux/arm64"
  exclude_newer  = "2025-01-01T00:00:00Z"
  spark {
    packages = ["a:b:1"]
  }
  verify {
    imports   = ["six"]
    pip_check = true
    timeout   = 7
  }
}
"""
    declared = configured(project.folder, SETTINGS + body)
    sketch = sketch_environment(declared, "a")
    cloned = configured(project.folder, hcl_text("a", sketch.fields, "oci:./registry"))
    for name in ("image", "contents", "details", "description", "platform"):
        assert getattr(cloned, name) == getattr(declared, name)


def test_a_registered_version_is_cloned_too(project: Project) -> None:
    project.apply(
        'environment "a" {\n  image = BASE\n  tags  = { b = "c" }\n  environment_variables = { D = "e" }\n}\n'
    )
    text = project.run("env", "clone", "a:1", "new", "-out=new.hcl")
    assert text.stderr == "Written to new.hcl.\n"
    assert "1 to add, 0 to change" in project.summary()
    assert "File exists" in project.run("env", "clone", "a", "other", "-out=new.hcl", exit_code=1).stderr


def test_curated_environments_are_listed(project: Project) -> None:
    lines = project.run("env", "list", "-curated").stdout.splitlines()
    assert lines[0].split()[:2] == ["name", "version"]
    assert {line.split()[0] for line in lines[1:]} == {*curated_texts()}
    assert '"envform-sklearn"' in project.run("env", "list", "-curated", "-o=json").stdout
