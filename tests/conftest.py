"""Options and services that all tests share."""

from __future__ import annotations

import pytest

pytest_plugins = ["tests.services.plugin"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden", action="store_true", help="write what golden cases expect, in place of comparing"
    )
