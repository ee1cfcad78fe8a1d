"""Options and services that all tests share."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.cli.terminal import Envform

pytest_plugins = ["tests.services.plugin"]

# Shells start what runs in the background with these ignored, and every program that a test starts would inherit that.
for number in (signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden", action="store_true", help="write what golden cases expect, in place of comparing"
    )


@pytest.fixture
def envform(tmp_path: Path) -> Envform:
    """`envform("plan", cwd=folder)`: what a person types, and all that the terminal then shows."""
    return Envform(tmp_path)
