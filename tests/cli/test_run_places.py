"""`envform run -on`: one environment by an engine, without one, and on this machine itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.debian import debian_base
from tests.builders.making_wheels import TinyWheel
from tests.builders.shell_base import shell_base
from tests.cli.project import Project
from tests.cli.terminal import Result, program, program_environment
from tests.services.engine import DockerEngine
from tests.services.wants import require

DECLARED = """
environment "tools" {
  image = "oci:./images:debian"
  pip   = ["--no-index", "--find-links ./wheels", "shout"]
}

environment "shell" {
  image = "oci:./images:shell"
}

environment "machine" {
  runtime = "local"
  pip     = ["--no-index", "--find-links ./wheels", "shout"]
}
"""
VERSIONS = "from importlib.metadata import distributions as d; print(sorted((x.name, x.version) for x in d()))"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        made = Project.at(folder)
        images = LayoutRegistry(folder / "images")
        images.push(debian_base(), [Name("", "debian")])
        images.push(shell_base(), [Name("", "shell")])
        wheels = folder / "wheels"
        wheels.mkdir()
        TinyWheel({"shout.py": "print('hello')\n"}, "shout", "1.0").write(wheels)
        TinyWheel({"shout.py": "print('hello')\n"}, "shout", "0.9").write(wheels)
        made.apply(DECLARED)
        yield made


def environment(project: Project, url: str = "") -> dict[str, str]:
    return program_environment({"XDG_CACHE_HOME": str(project.folder / "cache"), "DOCKER_HOST": url})


def run(project: Project, *words: str, url: str = "", stdin: str = "") -> Result:
    return program("run", *words, cwd=project.folder, env=environment(project, url), stdin=stdin)


@pytest.mark.docker
def test_a_script_finds_the_same_packages_everywhere(project: Project, docker_engine: DockerEngine) -> None:
    require("runc")
    (project.folder / "code").mkdir()
    (project.folder / "code" / "versions.py").write_text(VERSIONS)
    job = "command: python versions.py; exit 4\ncode: code\nenvironment: azureml:tools@latest\n"
    (project.folder / "job.yml").write_text(job)
    done = [run(project, "-f=job.yml", f"-on={way}", url=docker_engine.url) for way in ("docker", "oci", "local")]
    assert [one.exit_code for one in done] == [4, 4, 4], done
    assert [one.stdout for one in done] == ["[('shout', '1.0')]\n"] * 3


@pytest.mark.docker
def test_a_job_of_an_engine_has_the_streams_and_signals_and_is_gone_afterwards(
    project: Project, docker_engine: DockerEngine
) -> None:
    ends = "echo up; sleep 99; :"
    words = [sys.executable, "-m", "reconciler", "run", "shell", "-on=docker", "--", "bash", "-c", ends]
    variables = environment(project, docker_engine.url)
    for number, code in ((signal.SIGINT, 130), (signal.SIGKILL, -9)):
        with subprocess.Popen(words, cwd=project.folder, env=variables, stdout=subprocess.PIPE) as job:
            assert job.stdout is not None
            assert job.stdout.readline() == b"up\n"
            job.send_signal(number)
            assert job.wait(30) == code
    (project.folder / "seen").write_text("it is")
    script = 'read line; echo "$line $X"; cat /seen >&2; kill -KILL $$'
    mount = f"-mount={project.folder}/seen:/seen:ro"
    command = ("shell", "-on=docker", "-env=X=1", mount, "--", "bash", "-c", script)
    done = run(project, *command, url=docker_engine.url, stdin="hello\n")
    assert (done.exit_code, done.stdout, done.stderr) == (137, "hello 1\n", "it is")
    # Other tests share the engine, and each clears up in its own time.
    ours = ["docker", "ps", "--all", "--filter=label=dev.envform.run", "--format={{.ID}} {{.Command}} {{.Status}}"]
    left = subprocess.run(ours, env=variables, capture_output=True, check=True)
    assert left.stdout == b"", "also what was left behind by the one that was killed"


@pytest.mark.docker
def test_a_job_whose_environment_is_being_built_can_be_interrupted(
    project: Project, docker_engine: DockerEngine
) -> None:
    (project.folder / "context").mkdir()
    steps = f"FROM oci:./images:shell\nRUN echo it-has-begun; sleep 600.{os.getpid()}\n"
    (project.folder / "context" / "Dockerfile").write_text(steps)
    (project.folder / "job.yml").write_text("command: echo ran\nenvironment:\n  build: {path: context}\n")
    before = [read_of(project, name) for name in ("state/default.json", "registry/index.json")]
    words = [sys.executable, "-m", "reconciler", "run", "-f=job.yml"]
    variables, pipe = environment(project, docker_engine.url), subprocess.PIPE
    with subprocess.Popen(words, cwd=project.folder, env=variables, stdout=pipe, stderr=pipe, text=True) as job:
        assert job.stderr is not None
        assert any(line.endswith(": it-has-begun\n") for line in job.stderr)
        job.send_signal(signal.SIGINT)
        out, said = job.communicate(timeout=60)
    assert (job.returncode, out) == (125, "")
    assert said.startswith("\nInterrupt received. Finishing what is running; interrupt again to stop at once.\n")
    assert "Error: Build was stopped\n" in said
    assert [read_of(project, name) for name in ("state/default.json", "registry/index.json")] == before


def read_of(project: Project, name: str) -> bytes:
    return (project.folder / name).read_bytes()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["machine", "-on=oci"], "has no image that `oci` could run"),
        (["tools", "-on=oci", "-gpus=all"], "`-on=docker` does that"),
        (["tools", "-on=docker"], "Asked was `unix:///no/engine`"),
        (["tools", "-on=cloud"], "cloud"),
        (["tools", "-gpus=two"], "it is `all`, a number"),
        (["tools", "-f=job.yml"], "cannot be given too"),
    ],
)
def test_what_cannot_be_run_so_is_told(project: Project, words: list[str], told: str) -> None:
    done = run(project, *words, "--", "true", url="unix:///no/engine")
    assert done.exit_code == 125
    assert told in " ".join(done.stderr.split())


def test_an_environment_that_is_more_than_packages_needs_its_image(tmp_path: Path) -> None:
    project = Project.at(tmp_path)
    project.apply('environment "base" {\n  image = BASE\n}\n')
    told = project.run("run", "base", "-on=local", "--", "true", exit_code=125).stderr
    assert "all that it has is in its image" in " ".join(told.split())
