"""What needs an engine is really built by one, from `envform apply` to the registry."""

from __future__ import annotations

import io
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest

from reconciler.oci.config import labels_of, read_config
from reconciler.oci.image import Image
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.making_wheels import TinyWheel
from tests.builders.shell_base import shell_base
from tests.cli.terminal import Envform, Result, program_environment
from tests.registries.scripted import Scripted, scripted
from tests.services.engine import DockerEngine, serve_docker
from tests.services.registry import RegistryServer

pytestmark = pytest.mark.docker
SETTINGS = 'envform {\n  registry = "oci:./registry"\n}\n'
STEPS = SETTINGS + (
    'environment "training" {\n  image = "oci:./images:shell:1"\n'
    '  docker_steps = ["RUN echo made-by-hand && echo data > /data", "ENV MODE=fast"]\n}\n'
)
NOBODY = "unix:///nobody/is/here.sock"


@dataclass
class Project:
    """A folder with a base image, and a terminal in it."""

    folder: Path
    terminal: Envform

    def __post_init__(self) -> None:
        self.base()

    def base(self, note: str = "", name: str = "shell") -> None:
        LayoutRegistry(self.folder / "images").push(shell_base(note), [Name(name, "1")])

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(self, *words: str) -> Result:
        return self.terminal(*words, cwd=self.folder)

    def apply(self, text: str = "", *words: str) -> Result:
        if text:
            self.write("main.hcl", text)
        done = self.run("apply", "-auto-approve", *words)
        assert done.exit_code == 0, done.stderr
        return done

    def image(self, version: str = "1", name: str = "training") -> Image:
        found = LayoutRegistry(self.folder / "registry").pull(Name(name, version), "linux/amd64")
        assert found is not None
        return found

    def files(self, version: str = "1") -> dict[str, bytes]:
        """What the layers above the base hold."""
        found: dict[str, bytes] = {}
        for layer in self.image(version).layers[len(shell_base().layers) :]:
            with layer.open() as blob, tarfile.open(fileobj=io.BytesIO(blob.read())) as archive:
                found |= {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}  # type: ignore[union-attr]
        return found

    def images_of_engine(self) -> list[str]:
        client = docker.APIClient(base_url=os.environ["DOCKER_HOST"])
        return [name for image in client.images() for name in image["RepoTags"] or ()]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, docker_engine: DockerEngine) -> Project:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("DOCKER_HOST", docker_engine.url)
    monkeypatch.delenv("DOCKER_BUILDKIT", raising=False)
    (tmp_path / "project").mkdir()
    return Project(tmp_path / "project", Envform(tmp_path / "project"))


@pytest.fixture(params=["buildkit", "classic"])
def by_each_driver(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, project: Project) -> Project:
    if request.param == "classic":
        monkeypatch.setenv("DOCKER_BUILDKIT", "0")
    return project


def words_of(text: str) -> str:
    return " ".join(text.split())


def test_steps_are_built_published_and_found_again(by_each_driver: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project = by_each_driver
    done = project.apply(STEPS)
    assert "environment.training: made-by-hand" in done.stderr.splitlines()
    assert project.files()["data"] == b"data\n"
    config = read_config(project.image())
    assert {"MODE=fast", "PATH=/usr/bin:/bin"} <= set(config["config"]["Env"])  # type: ignore[index]
    labels = labels_of(config)
    assert labels["org.example.base"] == "yes"
    assert labels["org.opencontainers.image.base.digest"] == shell_base().digest
    assert [one.descriptor for one in project.image().layers[:2]] == [one.descriptor for one in shell_base().layers]
    assert not [name for name in project.images_of_engine() if "envform" in name]

    monkeypatch.setenv("DOCKER_HOST", NOBODY)
    assert "No changes" in project.run("plan").stdout


def test_what_is_in_the_registry_is_not_built_when_the_state_is_lost(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.apply(STEPS)
    before = project.image().digest
    for path in (project.folder / "state").iterdir():
        path.unlink()
    monkeypatch.setenv("DOCKER_HOST", NOBODY)
    project.apply(STEPS.replace('"training" {', '"again" {'))
    assert project.image(name="again").digest == before


CONTEXT = SETTINGS + (
    'environment "training" {\n  build {\n    path = "app"\n    target = "last"\n'
    '    args = { GREETING = "good-day" }\n  }\n}\n'
)
DOCKERFILE = f"""\
# syntax=docker/dockerfile:1@sha256:{64 * "0"}
ARG GREETING=none
FROM oci:./images:shell:1 AS first
ARG GREETING
RUN echo $GREETING > /greeting
FROM first AS last
COPY . /app/
RUN cat /app/main.py
FROM last AS unused
RUN exit 7
"""


def test_a_build_context_is_built_as_it_was_hashed(by_each_driver: Project) -> None:
    project = by_each_driver
    project.write("app/Dockerfile", DOCKERFILE)
    project.write("app/.dockerignore", "*.log\n")
    project.write("app/main.py", "print(1)\n")
    project.write("app/noise.log", "noise")
    project.write("app/deep/er/file", "x")
    (project.folder / "app/run.sh").write_text("#!/bin/sh\n")
    (project.folder / "app/run.sh").chmod(0o755)
    (project.folder / "app/link").symlink_to("main.py")
    project.apply(CONTEXT)
    files = project.files()
    assert files["greeting"] == b"good-day\n"
    assert files["app/main.py"] == b"print(1)\n"
    assert files["app/deep/er/file"] == b"x"
    assert "app/noise.log" not in files
    members: dict[str, tarfile.TarInfo] = {}
    for layer in project.image().layers:
        with layer.open() as blob, tarfile.open(fileobj=io.BytesIO(blob.read())) as archive:
            members |= {member.name: member for member in archive}
    assert members["app/run.sh"].mode & 0o777 == 0o755
    assert members["app/link"].linkname == "main.py"
    assert members["app/main.py"].mtime == 315532800

    project.write("app/noise.log", "louder")
    assert "No changes" in project.run("plan").stdout
    assert "`.dockerignore` leaves out 1 file, 6 B:" in project.run("explain", "environment.training").stdout
    shown = project.run("env", "show", "training").stdout
    assert "built by a Docker engine" in shown
    assert re.search(r"files_ignored\s+= 1\n", shown)
    project.write("app/main.py", "print(2)\n")
    project.apply()
    assert project.files("2")["app/main.py"] == b"print(2)\n"


def test_a_context_that_has_changed_since_the_plan_is_not_built(project: Project) -> None:
    project.write("app/Dockerfile", DOCKERFILE)
    project.write("main.hcl", CONTEXT)
    assert project.run("plan", "-out=saved").exit_code == 0
    project.write("app/new", "unseen by whoever has reviewed the plan")
    done = project.run("apply", "saved")
    assert done.exit_code == 1
    assert "Plan again" in words_of(done.stderr)
    assert LayoutRegistry(project.folder / "registry").list("training") == {}


TEXT = SETTINGS + (
    'environment "training" {\n  dockerfile = <<-EOT\n    # a comment\n    FROM oci:./images:shell:1 AS one\n'
    "    RUN echo text > /text\n    FROM oci:./images:shell:1\n    COPY --from=one /text /copied\n"
    "    COPY --from=oci:./images:tools:1 /etc/note /tools\n  EOT\n}\n"
)


def test_a_dockerfile_that_is_written_out_follows_its_bases_and_what_it_copies_from(by_each_driver: Project) -> None:
    project = by_each_driver
    project.base("one", name="tools")
    project.apply(TEXT)
    assert (project.files()["copied"], project.files()["tools"]) == (b"text\n", b"one")
    assert "No changes" in project.run("plan").stdout
    project.base("two", name="tools")
    shown = project.run("plan").stdout
    assert "base image patched" in shown
    assert "oci:./images:tools:1" in shown
    project.base("patched")
    shown = project.run("plan").stdout
    assert "base image patched" in shown
    assert "oci:./images:shell:1" in shown
    project.apply()
    assert [one.descriptor for one in project.image("2").layers[:2]] == [
        one.descriptor for one in shell_base("patched").layers
    ]


def test_a_dockerfile_may_stand_on_another_environment(project: Project) -> None:
    above = 'dockerfile = "FROM ${environment.training.image}\\nRUN cat /data"'
    project.apply(STEPS + f'environment "above" {{\n  {above}\n}}\n')
    below = [layer.descriptor for layer in project.image().layers]
    assert [layer.descriptor for layer in project.image(name="above").layers][: len(below)] == below
    assert "No changes" in project.run("plan").stdout


def test_an_image_that_steps_copy_from_and_that_is_not_there_is_told_at_the_steps(project: Project) -> None:
    project.write("main.hcl", re.sub(r"\[.*\]", '["COPY --from=oci:./images:none:1 /a /b"]', STEPS))
    done = project.run("plan")
    assert done.exit_code == 1
    assert "Base image not found" in done.stderr
    assert ":   docker_steps = " in done.stderr


def test_packages_lie_above_what_the_engine_has_made(project: Project) -> None:
    wheel = TinyWheel({"tiny.py": "tiny = 1\n"}, name="tiny", version="1.0").write(project.folder)
    project.apply(STEPS.replace("docker_steps", f'pip = ["./{wheel.name}"]\n  docker_steps'))
    files = project.files()
    assert files["data"] == b"data\n"
    assert files["opt/env/lib/python3.11/site-packages/tiny.py"] == b"tiny = 1\n"
    assert "MODE=fast" in read_config(project.image())["config"]["Env"]  # type: ignore[index]
    assert "No changes" in project.run("plan").stdout


def test_a_cache_that_cannot_be_written_is_not_taken_for_an_engine_that_is_gone(project: Project) -> None:
    project.write("main.hcl", STEPS)
    (project.folder.parent / "cache/envform").mkdir(parents=True)
    (project.folder.parent / "cache/envform/partial").touch()
    client = docker.APIClient(base_url=os.environ["DOCKER_HOST"])
    before = {image["Id"] for image in client.images()}
    done = project.run("apply", "-auto-approve")
    assert "Error: Cache cannot be used" in done.stderr
    assert "Trying again" not in done.stderr
    assert {image["Id"] for image in client.images()} == before


def test_a_failing_step_is_named_with_the_last_lines_of_its_log(by_each_driver: Project) -> None:
    project = by_each_driver
    steps = '["RUN echo fine", "RUN echo first; echo the-reason >&2; exit 3", "RUN echo never"]'
    project.write("main.hcl", re.sub(r"\[.*\]", steps, STEPS))
    done = project.run("apply", "-auto-approve")
    assert done.exit_code == 1
    assert "Docker build failed" in done.stderr
    said = words_of(done.stderr[done.stderr.index("Error:") :])
    assert "The step `RUN echo first; echo the-reason >&2; exit 3` failed" in said
    assert "the-reason" in said
    assert "fine" not in said
    assert LayoutRegistry(project.folder / "registry").list("training") == {}
    assert not [name for name in project.images_of_engine() if "envform" in name]


def test_a_plan_that_needs_an_engine_says_who_was_asked(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", NOBODY)
    project.write("main.hcl", STEPS)
    done = project.run("plan")
    assert done.exit_code == 1
    assert "No Docker engine answers" in done.stderr
    assert f"`{NOBODY}` (from `DOCKER_HOST`)" in words_of(done.stderr)
    assert "docker_steps" in done.stderr
    with scripted(Scripted()) as server:
        server.on("GET", ".*/version", lambda ask: ask.reply(200, b"<html>log in</html>"))
        monkeypatch.setenv("DOCKER_HOST", f"tcp://{server.host}")
        assert "what answers there is no Docker engine" in words_of(project.run("plan").stderr)
    project.write("main.hcl", re.sub(r"  docker_steps.*\n", "", STEPS))
    assert project.run("plan").exit_code == 0


NOT_FOR_EVER = f"600.{os.getpid()}"  # whose sleep it is
SLOW = re.sub(r"\[.*\]", f'["RUN echo it-has-begun; sleep {NOT_FOR_EVER}"]', STEPS)


@pytest.fixture
def slow(by_each_driver: Project, docker_engine: DockerEngine) -> Iterator[subprocess.Popen[str]]:
    """An apply in a process of its own, in the middle of a step."""
    by_each_driver.write("main.hcl", SLOW)
    with started(by_each_driver, docker_engine.url) as process:
        try:
            yield process
        finally:
            process.kill()


def started(project: Project, url: str) -> subprocess.Popen[str]:
    names = ("XDG_CACHE_HOME", "DOCKER_BUILDKIT")
    given = {name: os.environ[name] for name in names if name in os.environ} | {"DOCKER_HOST": url}
    process = subprocess.Popen(
        [sys.executable, "-m", "reconciler", "apply", "-auto-approve"],
        cwd=project.folder,
        env=program_environment(given),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.endswith("it-has-begun\n") and "RUN" not in line:
            break
    else:
        pytest.fail("the step never began")
    return process


def sleepers() -> list[int]:
    """The processes of our steps, wherever they run."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cmdline").read_bytes() == f"sleep\0{NOT_FOR_EVER}\0".encode():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def wait_until(reached: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(600):
        if reached():
            return
        pause.wait(0.1)
    pytest.fail("that never was so")


def test_an_interrupt_stops_the_build(slow: subprocess.Popen[str]) -> None:
    wait_until(lambda: bool(sleepers()))
    slow.send_signal(signal.SIGINT)
    assert slow.stderr is not None
    said = slow.stderr.read()
    assert slow.wait(60) == 1
    assert "Build was stopped" in said
    wait_until(lambda: not sleepers())


def test_a_build_that_was_killed_is_started_again(slow: subprocess.Popen[str], by_each_driver: Project) -> None:
    wait_until(lambda: bool(sleepers()))
    slow.kill()
    slow.wait()
    wait_until(lambda: not sleepers())
    by_each_driver.apply(SLOW.replace(f"sleep {NOT_FOR_EVER}", "sleep 0"))
    assert "No changes" in by_each_driver.run("plan").stdout


def test_an_engine_that_dies_is_told_and_tried_again(project: Project) -> None:
    with serve_docker() as engine:
        project.write("main.hcl", SLOW)
        process = started(project, engine.url)
        wait_until(lambda: bool(sleepers()))
        handle = os.pidfd_open(int((engine.folder / "pid").read_text()))
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        select.select([handle], [], [], 30)
        os.close(handle)
        with process:
            assert process.stderr is not None
            first = next(line for line in process.stderr if "Trying again" in line)
            process.send_signal(signal.SIGINT)
            process.stderr.read()
            assert process.wait(60) == 1
    for left in sleepers():  # a container outlives an engine that is killed
        os.kill(left, signal.SIGKILL)
    assert "Docker engine stopped answering" in first


@pytest.mark.parametrize("text", [STEPS, CONTEXT])
def test_what_an_engine_builds_goes_to_a_registry_on_a_network_and_is_found_there(
    project: Project, registry_server: RegistryServer, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("app/Dockerfile", DOCKERFILE)
    project.write("app/main.py", "print(1)\n")
    place = (
        f"{registry_server.host}/{project.folder.parent.name}".lower().replace("_", "-").replace("[", "-").strip("]")
    )
    text = text.replace("oci:./registry", place)
    project.apply(text)
    assert "No changes" in project.run("plan").stdout
    shutil.rmtree(project.folder / "state")
    monkeypatch.setenv("DOCKER_HOST", NOBODY)
    project.apply(text.replace('"training" {', '"again" {'))
    assert len(list((project.folder / ".envform").glob("logs/*/*"))) == 1, "what is found is not built"
