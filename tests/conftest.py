"""Options and services that all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.terminal import Envform

pytest_plugins = ["tests.services.plugin"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden", action="store_true", help="write what golden cases expect, in place of comparing"
    )


@pytest.fixture
def envform(tmp_path: Path) -> Envform:
    """`envform("plan", cwd=folder)`: what a person types, and all that the terminal then shows."""
    return Envform(tmp_path)
