"""An index and a project for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.resolvers.index import Index, serve_index
from tests.resolvers.resolving import World


@pytest.fixture
def index() -> Iterator[Index]:
    with serve_index() as served:
        yield served


@pytest.fixture
def other() -> Iterator[Index]:
    with serve_index() as served:
        yield served


@pytest.fixture
def world(tmp_path: Path, index: Index, tmp_path_factory: pytest.TempPathFactory) -> World:
    # a port is used again sooner or later, and what uv keeps it keeps by address
    return World(tmp_path, index, tmp_path_factory.mktemp("uv"))
