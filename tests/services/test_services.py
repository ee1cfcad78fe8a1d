"""Every service that tests may want really starts, works, and is gone afterwards."""

from __future__ import annotations

import io
import os
import select
import signal
import subprocess
import sys
import tarfile
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import docker
import pytest

from tests.services.engine import DockerEngine, mounts_below, processes_of, serve_docker
from tests.services.registry import RegistryServer
from tests.services.running import NotReadyError, running
from tests.services.wants import refusal, require

ROOT = Path(__file__).parents[2]
PROGRAMS_OF_THE_HOST = {folder: {"bind": folder, "mode": "ro"} for folder in ("/usr", "/lib", "/lib64")}

WANTS = """
import pytest
from tests.services.wants import missing, require

def test_first():
    require("no-such-program")

def test_second():
    require("no-such-program")

def test_third():
    missing("moon phase", "it is cloudy: and dark")

def test_fourth():
    pass

@pytest.mark.skipif(True, reason="nobody asked")
def test_fifth():
    pass

def test_sixth():
    missing("terraform", "gone")

@pytest.mark.xfail(strict=True)
def test_seventh():
    assert False
"""
WHOLE_MODULE = """
import pytest
pytest.importorskip("no_such_library")
"""


def run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_the_registry_answers_on_a_loopback_port(registry_server: RegistryServer) -> None:
    with urllib.request.urlopen(f"http://{registry_server.host}/v2/") as answer:
        assert answer.status == 200
        assert answer.headers["Docker-Distribution-Api-Version"] == "registry/2.0"


def test_what_is_pushed_to_the_registry_comes_back_the_same(registry_server: RegistryServer, tmp_path: Path) -> None:
    umoci, skopeo = require("umoci"), require("skopeo")
    run(umoci, "init", "--layout", tmp_path / "sent")
    run(umoci, "new", "--image", f"{tmp_path}/sent:v1")
    (tmp_path / "note").write_text("inside")
    run(umoci, "insert", "--image", f"{tmp_path}/sent:v1", tmp_path / "note", "/note")
    remote = f"docker://{registry_server.host}/services/round-trip:v1"

    run(skopeo, "copy", "--quiet", "--dest-tls-verify=false", f"oci:{tmp_path}/sent:v1", remote)
    run(skopeo, "copy", "--quiet", "--src-tls-verify=false", remote, f"oci:{tmp_path}/received:v1")

    sent = run(skopeo, "inspect", "--raw", f"oci:{tmp_path}/sent:v1")
    assert run(skopeo, "inspect", "--raw", f"oci:{tmp_path}/received:v1") == sent
    assert (registry_server.storage / "docker/registry/v2/repositories/services/round-trip").is_dir()


@contextmanager
def client_of(engine: DockerEngine) -> Iterator[tuple[docker.DockerClient, str]]:
    """A client, and an image that holds next to nothing."""
    client = docker.DockerClient(base_url=engine.url)
    with closing(client):
        client.api.import_image_from_data(_tar({"note": b"inside"}), repository="services/bare")
        yield client, "services/bare"


@pytest.mark.docker
def test_the_engine_runs_a_container(docker_engine: DockerEngine) -> None:
    with client_of(docker_engine) as (client, image):
        assert client.info()["DockerRootDir"] == f"{docker_engine.folder}/data"
        container = client.containers.run(
            image, ["/usr/bin/cat", "/note"], network_mode="none", detach=True, volumes=PROGRAMS_OF_THE_HOST
        )
        # Following the log while it runs (`run` without `detach`) sometimes misses what was said at once.
        assert container.wait()["StatusCode"] == 0
        answer = container.logs()
        container.remove()
    assert answer == b"inside"


@pytest.mark.docker
def test_nothing_is_left_of_an_engine_when_a_test_fails_while_a_container_runs() -> None:
    folders: list[Path] = []
    seen: list[int] = []

    def fail_with_an_engine() -> None:
        with serve_docker() as engine, client_of(engine) as (client, image):
            client.containers.run(
                image,
                ["/usr/bin/sleep", "600"],
                network_mode="host",
                detach=True,
                stop_signal="KILL",
                volumes=PROGRAMS_OF_THE_HOST,
            )
            folders.append(engine.folder)
            seen.extend(processes_of(engine.folder))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_with_an_engine()
    assert len(seen) >= 3, "the engine, its containerd, and a shim for the container"
    assert processes_of(folders[0]) == []
    assert mounts_below(folders[0]) == []
    assert not folders[0].exists()


@pytest.mark.parametrize("program", ["skopeo", "umoci", "buildah", "runc", "crun"])
def test_a_program_for_images_runs_here(program: str) -> None:
    assert "version" in run(require(program), "--version")


def test_strace_sees_what_a_program_does(tmp_path: Path) -> None:
    run(require("strace"), "-f", "-o", tmp_path / "calls", "-e", "trace=execve", "true")
    assert "execve(" in (tmp_path / "calls").read_text()


def test_a_program_that_does_not_get_ready_is_told_with_its_last_words(tmp_path: Path) -> None:
    with (
        pytest.raises(NotReadyError, match="cannot serve"),
        running([sys.executable, "-c", "print('cannot serve')"], tmp_path / "log", "listening"),
    ):
        pytest.fail("it never was ready")


def test_a_service_ends_when_pytest_is_killed(tmp_path: Path) -> None:
    require("setpriv")
    script = f"""
import pathlib, sys
from tests.services.running import running
sleeper = [sys.executable, "-c", "import os, time; print('pid', os.getpid(), flush=True); time.sleep(600)"]
with running(sleeper, pathlib.Path({str(tmp_path / "log")!r}), r"pid (\\d+)\\n") as ready:
    print(ready[1], flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        service = os.pidfd_open(int(owner.stdout.readline()))
        owner.send_signal(signal.SIGKILL)
        ended, _, _ = select.select([service], [], [], 30)
        os.close(service)
    assert ended, "the service outlived its owner"


def pytest_on(text: str, folder: Path, required: str, *options: str) -> tuple[int, list[str]]:
    (folder / "test_wants.py").write_text(text)
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.services.plugin",
        "--color=no",
        *options,
        folder,
    ]
    environment = {**os.environ, "ENVFORM_TEST_REQUIRE": required, "PYTHONPATH": str(ROOT)}
    answer = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=folder)
    return answer.returncode, answer.stdout.splitlines()


@pytest.mark.parametrize("options", [[], ["-n", "2"]])
def test_every_skip_is_told_in_one_line_with_its_reason(tmp_path: Path, options: list[str]) -> None:
    code, lines = pytest_on(WANTS, tmp_path, "", *options)
    assert code == 0
    assert lines[-2] == (
        "Skipped: moon phase (1 test, it is cloudy: and dark), no-such-program (2 tests, not installed), "
        "nobody asked (1 test), terraform (1 test, gone)"
    )
    assert "1 passed, 5 skipped, 1 xfailed" in lines[-1]


def test_where_all_is_required_a_skip_is_a_failure_but_for_what_may_be_missing(tmp_path: Path) -> None:
    (tmp_path / "test_whole_module.py").write_text(WHOLE_MODULE)
    code, lines = pytest_on(WANTS, tmp_path, "all", "--continue-on-collection-errors")
    assert code == 1
    assert "3 failed, 1 passed, 1 skipped, 1 xfailed, 2 errors" in lines[-1]
    assert "Skipped: terraform (1 test, gone)" in lines
    assert "wants moon phase: it is cloudy: and dark; ENVFORM_TEST_REQUIRE does not let it be skipped" in lines
    assert any("no_such_library" in line and "does not let it be skipped" in line for line in lines)
    assert "nobody asked; ENVFORM_TEST_REQUIRE does not let it be skipped" in lines


@pytest.mark.parametrize(
    ("required", "skipped", "fails"),
    [
        ("", "wants moon phase: it is cloudy", False),
        ("moon-phase", "wants moon phase: it is cloudy", True),
        ("skopeo, strace", "wants strace: may not trace here", True),
        ("skopeo", "wants strace: may not trace here", False),
        ("all", "wants strace: not installed", True),
        ("all", "wants terraform: not installed", False),
        ("all, terraform", "wants terraform: not installed", True),
        ("all", "could not import 'no_such_library': No module named 'no_such_library'", True),
    ],
)
def test_what_is_required_may_not_be_skipped(
    monkeypatch: pytest.MonkeyPatch, required: str, skipped: str, fails: bool
) -> None:
    monkeypatch.setenv("ENVFORM_TEST_REQUIRE", required)
    assert bool(refusal(f"Skipped: {skipped}")) == fails


def _tar(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
