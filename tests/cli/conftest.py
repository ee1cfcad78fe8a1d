from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.terminal import Envform


@pytest.fixture
def envform(tmp_path: Path) -> Envform:
    return Envform(tmp_path)
