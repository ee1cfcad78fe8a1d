"""Real Azure ML environments and what Azure says of them; the collection is no part of this repository."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[3]
ROOT = Path(os.environ.get("ENVFORM_CORPUS", REPOSITORY.parent / "shared" / "corpus" / "azureml"))
needed = pytest.mark.skipif(not ROOT.is_dir(), reason="the corpus is not here: set ENVFORM_CORPUS to its folder")


def oracle(name: str) -> list[dict[str, Any]]:
    """The cases of one oracle; none where the corpus is absent."""
    path = ROOT / "oracles" / f"{name}.json"
    return json.loads(path.read_text()) if path.is_file() else []


def indexed(kind: str, note: str = "") -> Iterator[str]:
    """The paths of the files of a kind, of those with a note only."""
    index = ROOT / "INDEX.csv"
    if index.is_file():
        with index.open(newline="") as file:
            for row in csv.DictReader(file):
                if kind in row["kinds"].split() and (not note or note in row["notes"].split()):
                    yield row["path"]
