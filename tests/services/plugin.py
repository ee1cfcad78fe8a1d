"""The fixtures that start services, and the line that says which were missing."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import TypeVar

import pytest

from tests.services.engine import DockerEngine, serve_docker
from tests.services.registry import RegistryServer, serve_registry
from tests.services.wants import Tell, refusal, summary

_TOLD = "told"
_Report = TypeVar("_Report", pytest.TestReport, pytest.CollectReport)


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


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    """Says something at the end of the run, whichever process the test was in."""
    return lambda text: record_property(_TOLD, text)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that may not be skipped fails."""
    return _judged((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same of a whole module."""
    return _judged((yield))


def _judged(report: _Report) -> _Report:
    if report.skipped and isinstance(report.longrepr, tuple):
        refused = refusal(report.longrepr[2])
        if refused:
            report.outcome = "failed"
            report.longrepr = refused
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    ended = [*terminalreporter.stats.get("passed", []), *terminalreporter.stats.get("failed", [])]
    for report in ended:
        for name, text in getattr(report, "user_properties", ()):
            if name == _TOLD and report.when == "call":
                terminalreporter.write_line(str(text))
    reports = terminalreporter.stats.get("skipped", [])
    line = summary(report.longrepr[2] for report in reports if isinstance(report.longrepr, tuple))
    if line:
        terminalreporter.write_line(line)
