"""Equal definitions are built once: by all threads of an apply, and by all applies of a machine."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reconciler.builders.caching import Turns
from reconciler.model.diagnostic import BuildError
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.shell_base import shell_base
from tests.builders.test_docker import STEPS, Project, project
from tests.cli.terminal import program_environment
from tests.services.engine import DockerEngine
from tests.services.registry import RegistryServer

__all__ = ["project"]
WAITING = "Waiting for another build"
BEGUN = "environment.training: it-has-begun"
ONCE = re.sub(r"\[.*\]", '["RUN echo it-has-begun; : GATE; echo $RANDOM$RANDOM > /when"]', STEPS)


class Apply:
    """An apply in a process of its own, and what it has said so far."""

    def __init__(self, folder: Path, engine: str) -> None:
        self.said: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "reconciler", "apply", "-auto-approve"],
            cwd=folder,
            env=program_environment({"DOCKER_HOST": engine, "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"]}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def until(self, words: str) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line)
            if words in line and "RUN" not in line:
                return
        pytest.fail(f"it never said {words!r}: {''.join(self.said)}")

    def end(self) -> int:
        assert self.process.stderr is not None
        self.said.extend(self.process.stderr)
        return self.process.wait(60)


@contextmanager
def applying(folder: Path, engine: DockerEngine) -> Iterator[Apply]:
    apply = Apply(folder, engine.url)
    try:
        yield apply
    finally:
        apply.process.kill()
        apply.end()


@pytest.fixture
def gate() -> Iterator[socket.socket]:
    """Builds wait here until it is closed: nobody answers, and what was not answered is then reset."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture(params=["layout", "docker-registry"])
def two(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gate: socket.socket
) -> tuple[Path, Path]:
    """Two projects with one registry, and with equal definitions under different names."""
    wait = f"read < /dev/tcp/127.0.0.1/{gate.getsockname()[1]} 2>/dev/null"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = "oci:../registry"
    if request.param == "docker-registry":
        server: RegistryServer = request.getfixturevalue("registry_server")
        place = f"{server.host}/{tmp_path.name}".lower().replace("_", "-")
    folders = (tmp_path / "first", tmp_path / "second")
    for folder in folders:
        folder.mkdir()
        LayoutRegistry(folder / "images").push(shell_base(), [Name("shell", "1")])
        text = ONCE.replace("oci:./registry", place).replace("image =", f'name = "{folder.name}"\n  image =')
        text = text.replace("RUN", f"RUN : {tmp_path.name};")  # the engine remembers what other tests have built
        (folder / "main.hcl").write_text(text.replace(": GATE", wait))
    return folders


def digest_of(folder: Path) -> str:
    found = re.search(r'"image": "(sha256:[0-9a-f]+)"', (folder / "state" / "default.json").read_text())
    assert found is not None
    return found[1]


@pytest.mark.docker
def test_two_applies_build_once_and_the_second_takes_what_the_first_has_made(
    two: tuple[Path, Path], gate: socket.socket, docker_engine: DockerEngine
) -> None:
    with applying(two[0], docker_engine) as first:
        first.until(BEGUN)
        with applying(two[1], docker_engine) as second:
            second.until(WAITING)
            gate.close()
            assert first.end() == 0
            assert second.end() == 0
    assert BEGUN not in "".join(second.said)
    assert digest_of(two[0]) == digest_of(two[1])
    assert not list((two[1] / ".envform").glob("logs/*/*"))


@pytest.mark.docker
@pytest.mark.parametrize("two", ["layout"], indirect=True)
def test_who_waits_for_a_build_that_is_killed_builds_itself(
    two: tuple[Path, Path], gate: socket.socket, docker_engine: DockerEngine
) -> None:
    with applying(two[0], docker_engine) as first:
        first.until(BEGUN)
        with applying(two[1], docker_engine) as second:
            second.until(WAITING)
            first.process.kill()
            second.until(BEGUN)
            gate.close()
            assert second.end() == 0
    assert digest_of(two[1])


@pytest.mark.docker
@pytest.mark.parametrize("two", ["layout"], indirect=True)
def test_who_waits_can_be_interrupted(two: tuple[Path, Path], gate: socket.socket, docker_engine: DockerEngine) -> None:
    with applying(two[0], docker_engine) as first:
        first.until(BEGUN)
        with applying(two[1], docker_engine) as second:
            second.until(WAITING)
            second.process.send_signal(signal.SIGINT)
            assert second.end() == 1
        assert "Build was stopped" in "".join(second.said)
        gate.close()
        assert first.end() == 0


@pytest.mark.docker
def test_one_apply_builds_equal_definitions_once(project: Project) -> None:
    several = ONCE.replace('"training" {', '"training" {\n  for_each = toset(["a", "b", "c"])\n  name = each.key')
    done = project.apply(several)
    assert done.stderr.count("]: it-has-begun\n") == 1
    assert len({project.image(name=name).digest for name in "abc"}) == 1
    assert len(list((project.folder / ".envform").glob("logs/*/*"))) == 1
    assert all(project.run("logs", f'environment.training["{name}"]').exit_code == 0 for name in "abc")


def nobody() -> None:
    """Nobody else is at it."""


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BuildError, match="Cache cannot be used"), Turns(tmp_path / "file", bool).take("x", nobody):
        pytest.fail("nobody has the turn")


def test_turns_leave_nothing_behind(tmp_path: Path) -> None:
    turns = Turns(tmp_path, bool)
    for _ in range(3):
        with turns.take("x", lambda: pytest.fail("nobody else was there")), turns.take("y", nobody):
            assert len(list(tmp_path.iterdir())) == 2
    assert list(tmp_path.iterdir()) == []
