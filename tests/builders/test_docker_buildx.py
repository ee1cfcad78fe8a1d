"""Where `docker buildx` is installed it builds. The program is a stand-in here, and the engine that it asks is real."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from reconciler.builders.docker.buildx import is_there
from tests.builders.test_docker import CONTEXT, DOCKERFILE, Project, project, words_of
from tests.services.engine import DockerEngine

__all__ = ["project"]
pytestmark = pytest.mark.docker

PROGRAM = f"""#!{sys.executable}
import base64, json, os, pathlib, sys
import docker

if sys.argv[1:] == ["buildx", "version"]:
    print("github.com/docker/buildx VERSION 0123456")
    raise SystemExit
assert sys.argv[1:3] == ["buildx", "build"] and sys.argv[-1] == "-"
words = [word for word in sys.argv[3:-1] if not word.startswith("--build-arg")]
flags = dict(word.removeprefix("--").partition("=")[::2] for word in words)
given = [word.removeprefix("--build-arg=").partition("=")[::2] for word in sys.argv if word.startswith("--build-arg")]
pathlib.Path(__file__).with_name("asked").write_text(" ".join(sys.argv[1:]))
client = docker.APIClient(base_url=os.environ["DOCKER_HOST"])

def tell(**news):
    print(json.dumps(news), file=sys.stderr, flush=True)

tell(vertexes=[{{"digest": "sha256:1", "name": "[1/1] RUN something", "started": "2024-01-01T00:00:00Z"}}])
answers = client.build(
    fileobj=sys.stdin.buffer, custom_context=True, decode=True, rm=True, forcerm=True, dockerfile=flags["file"],
    buildargs=dict(given), target=flags["target"], network_mode=flags["network"],
)
for answer in answers:
    if "stream" in answer:
        tell(logs=[{{"vertex": "sha256:1", "data": base64.b64encode(answer["stream"].encode()).decode()}}])
    if "error" in answer:
        tell(vertexes=[{{"digest": "sha256:1", "name": "[1/1] RUN something", "error": answer["error"]}}])
        print("ERROR: failed to solve: " + answer["error"], file=sys.stderr)
        raise SystemExit(1)
    if "aux" in answer:
        pathlib.Path(flags["iidfile"]).write_text(answer["aux"]["ID"])
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return install(folder, "v0.17.1")


def install(folder: Path, version: str) -> Path:
    (folder / "docker").write_text(PROGRAM.replace("VERSION", version))
    (folder / "docker").chmod(0o755)
    return folder


def test_a_context_is_built_by_the_plugin(plugin: Path, project: Project, docker_engine: DockerEngine) -> None:
    project.write("app/Dockerfile", DOCKERFILE)
    project.write("app/main.py", "print(1)\n")
    done = project.apply(CONTEXT)
    assert "environment.training: print(1)" in done.stderr.splitlines()
    assert project.files()["greeting"] == b"good-day\n"
    asked = (plugin / "asked").read_text().split()
    assert {"--builder=default", "--platform=linux/amd64", "--build-arg=GREETING=good-day", "--target=last"} <= set(
        asked
    )
    assert docker_engine.url


def test_what_fails_in_the_plugin_is_told_like_any_failure(plugin: Path, project: Project) -> None:
    project.write("app/Dockerfile", DOCKERFILE.replace("RUN cat /app/main.py", "RUN echo the-reason; exit 3"))
    project.write("main.hcl", CONTEXT)
    done = project.run("apply", "-auto-approve")
    assert done.exit_code == 1
    said = words_of(done.stderr[done.stderr.index("Error:") :])
    assert "The step `RUN something` failed: failed to solve" in said
    assert "the-reason" in said
    assert (plugin / "asked").exists()


def test_a_plugin_that_is_too_old_is_not_used(plugin: Path) -> None:
    environment = {"PATH": f"{plugin}:/usr/bin:/bin"}
    assert is_there(environment)
    install(plugin, "v0.12.1")
    assert not is_there(environment)
    assert not is_there({"PATH": "/nowhere"})
