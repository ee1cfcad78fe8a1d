"""The fixtures that start services, and the line that says which were missing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.services.engine import DockerEngine, serve_docker
from tests.services.registry import RegistryServer, serve_registry
from tests.services.wants import summary


@pytest.fixture(scope="session")
def registry_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegistryServer]:
    """One registry for each pytest process: share it by using repository names of your own."""
    with serve_registry(tmp_path_factory.mktemp("registry")) as server:
        yield server


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[DockerEngine]:
    """One Docker engine for each pytest process."""
    with serve_docker() as engine:
        yield engine


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = terminalreporter.stats.get("skipped", [])
    line = summary(report.longrepr[2] for report in reports if isinstance(report.longrepr, tuple))
    if line:
        terminalreporter.write_line(line)
