"""`envform run -f`: Azure ML command jobs, and the environments that they bring."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.debian import debian_base
from tests.cli.project import Project
from tests.cli.terminal import Result, program
from tests.services.wants import require

JOB = """
command: >-
  cat ${{inputs.greeting}} && echo $WHO ${{inputs.times}} && pwd && echo made > ${{outputs.result}}/file; exit 3
code: ../src
environment:
  image: oci:./images:debian
  name: not-used
environment_variables: {WHO: you}
inputs:
  greeting: {type: uri_file, path: data/greeting.txt}
  times: 2
outputs:
  result: {type: uri_folder}
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require("runc")
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project.at(tmp_path)
    LayoutRegistry(tmp_path / "images").push(debian_base(), [Name("", "debian")])
    project.declare("")
    for name, text in (("jobs/job.yml", JOB), ("jobs/data/greeting.txt", "good morning\n"), ("src/x.py", "")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return project


def run(project: Project, cache: Path, *words: str) -> Result:
    return program("run", *words, cwd=project.folder, env={"XDG_CACHE_HOME": str(cache)})


def test_a_job_brings_its_environment_which_is_built_once_and_not_listed(project: Project, cache: Path) -> None:
    done = run(project, cache, "-f=jobs/job.yml")
    assert (done.exit_code, done.stdout) == (3, "good morning\nyou 2\n/code\n")
    assert (project.folder / "jobs" / "outputs" / "result" / "file").read_text() == "made\n"
    again = run(project, cache, "-f=jobs/job.yml", "-env=WHO=me")
    assert (again.stdout, again.stderr.count("Creating")) == ("good morning\nme 2\n/code\n", 0)
    assert project.run("env", "list").stdout.startswith("No environments")
    (version,) = (one["version"] for one in project.state["environments"]["CliV2AnonymousEnvironment"]["versions"])
    assert run(project, cache, f"CliV2AnonymousEnvironment:{version}", "--", "true").exit_code == 0
    assert project.summary().startswith("No changes."), "the next plan leaves it alone"


def test_a_job_refers_to_what_is_registered_or_to_a_file(project: Project, cache: Path) -> None:
    project.apply('environment "deb" {\n  name = "my-deb"\n  image = "oci:./images:debian"\n}\n')
    (project.folder / "jobs" / "env.yml").write_text("name: x\nimage: oci:./images:debian\n")
    for reference in ("azureml:my-deb:1", "azureml:my-deb@latest", "azureml:my-deb", "file:./env.yml"):
        (project.folder / "jobs" / "ref.yml").write_text(f"command: echo ran\nenvironment: {reference}\n")
        done = run(project, cache, "-f=jobs/ref.yml")
        assert (done.exit_code, done.stdout) == (0, "ran\n"), done.stderr
        assert ("my-deb:1." in done.stderr) == (reference == "azureml:my-deb")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("data/greeting.txt", "data/nothing", "Paths of a job are relative to its document"),
        ("../src", "../sources", "No such file or folder"),
        ("image: oci:./images:debian", "image: oci:./images:nothing", "nothing"),
        ("  image: oci:./images:debian\n  name: not-used", " azureml:unknown:1", "Nothing was ever recorded"),
        (
            "  image: oci:./images:debian\n  name: not-used",
            " azureml://registries/azureml/environments/x/versions/1",
            "Environment is elsewhere",
        ),
    ],
)
def test_mistakes_of_a_job_are_told_and_nothing_is_registered(project: Project, old: str, new: str, told: str) -> None:
    (project.folder / "jobs" / "job.yml").write_text(JOB.replace(old, new))
    assert told in " ".join(project.run("run", "-f=jobs/job.yml", exit_code=125).stderr.split())
    assert not (project.folder / "state").exists()
    assert not (project.folder / "jobs" / "outputs").exists()


def test_a_document_that_is_not_there_is_told(project: Project) -> None:
    assert "There is no file `job.yml`" in project.run("run", "-f", "job.yml", exit_code=125).stderr
