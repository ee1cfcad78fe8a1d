"""`envform serve`: an environment as an inference server."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from reconciler.model.details import InferenceConfig, Route
from reconciler.runners.probes import Probes
from tests.builders.making_wheels import TinyWheel
from tests.cli.project import Project
from tests.cli.terminal import program_environment

SERVER = """
from http.server import BaseHTTPRequestHandler, HTTPServer
import sys

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path in ("/live", "/ready") else 404)
        self.end_headers()

def main():
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
DECLARED = """
environment "scoring" {
  runtime = "local"
  pip     = ["--no-index", "--find-links ./wheels", "answer"]

  inference_config {
    liveness_route {
      path = "/live"
      port = PORT
    }
    readiness_route {
      path = "READY"
      port = PORT
    }
    scoring_route {
      path = "/score"
      port = PORT
    }
  }
}

environment "other" {
  image = BASE
}
"""


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: int) -> Project:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project = Project.at(tmp_path)
    (tmp_path / "wheels").mkdir()
    points = "[console_scripts]\nanswer = answer:main\n"
    TinyWheel({"answer.py": SERVER}, "answer", "1.0", entry_points=points).write(tmp_path / "wheels")
    project.apply(DECLARED.replace("PORT", str(port)).replace("READY", "/ready"))
    return project


def serving(project: Project, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "reconciler", "serve", *words],
        cwd=project.folder,
        env=program_environment({"XDG_CACHE_HOME": str(project.folder / "cache")}),
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_server_is_told_of_when_it_is_ready_and_ends_by_a_signal(project: Project, port: int) -> None:
    with serving(project, "scoring", "--", "answer", str(port)) as server:
        assert server.stderr is not None
        told = next(line for line in server.stderr if "It answers at" in line)
        assert f"http://127.0.0.1:{port}/score" in told
        assert "Port is taken" in project.run("serve", "scoring", "--", "true", exit_code=125).stderr
        server.send_signal(signal.SIGTERM)
        server.stderr.read()
    assert server.returncode == 143


def test_a_server_that_is_not_ready_in_time_is_ended(project: Project, port: int) -> None:
    project.apply(DECLARED.replace("PORT", str(port)).replace("READY", "/soon"))
    with serving(project, "scoring", "-timeout=2s", "--", "answer", str(port)) as server:
        _, told = server.communicate(timeout=50)
    assert server.returncode == 125
    assert "It lives" in told
    assert "Server is not ready" in told
    assert "At last `/soon` answered with 404." in " ".join(told.split())


def test_a_server_that_ends_too_early_is_told_of(project: Project) -> None:
    with serving(project, "scoring", "--", "python", "-c", "raise SystemExit(7)") as server:
        _, told = server.communicate(timeout=50)
    assert (server.returncode, "Server was never ready" in told) == (7, True)


def test_what_it_takes_before_a_server_starts_is_not_counted(port: int) -> None:
    route, ended = Route("/live", port), threading.Event()
    probes = Probes(InferenceConfig(route, route, route), 0.0, lambda _: None, ended.set)
    with probes.asking():
        pass
    assert (probes.given_up, ended.is_set()) == (False, False)
    probes = Probes(InferenceConfig(route, route, route), 0.0, lambda _: None, ended.set)
    with probes.asking():
        probes.begin()
        assert ended.wait(30)
    assert probes.given_up


def test_what_speaks_no_http_is_not_ready() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        route = Route("/live", server.getsockname()[1])
        probes = Probes(InferenceConfig(route, route, route), 60.0, lambda _: None, lambda: None)
        probes.begin()
        with probes.asking():
            asked, _ = server.accept()
            with asked:
                asked.recv(1000)
                asked.sendall(b"hello\r\n\r\n")
    assert (probes.given_up, probes.problem) == (False, "`/live` gave no answer")


def test_what_is_no_server_is_told(project: Project) -> None:
    told = project.run("serve", "other", exit_code=125).stderr
    assert "has no `inference_config`" in " ".join(told.split())
