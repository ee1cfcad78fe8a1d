"""`make check` sees a violation of every rule of the house."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.house import planting
from tests.house.planting import ROOT, Plant
from tests.services.wants import require

TOOLS = [
    "ruff format --check",
    "ruff check",
    "mypy --strict",
    "lint-imports",
    "tests.house.shape",
    "tests.house.purity",
]


@dataclass(frozen=True)
class Answer:
    """What a tool said, and whether it was content."""

    code: int
    text: str


Tool = Callable[[str], Answer]


@pytest.fixture(scope="session")
def recipe() -> list[str]:
    """What `make check` runs, set-up left out."""
    # --assume-old: whether .venv is up to date is not the question.
    command: list[str | Path] = [require("make"), "--dry-run", "--assume-old=.venv/ready-dev", "check"]
    answer = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [line for line in answer.stdout.splitlines() if line.startswith(".venv/")]


def tools_in(folder: Path, recipe: list[str]) -> Tool:
    @cache
    def run(tool: str) -> Answer:
        (line,) = (line for line in recipe if tool in line)
        if tool == "mypy --strict":  # the whole tree is for `make check` itself; here one file proves that it looks
            line += f" {planting.MYPY[0].path}"
        command = line.replace(".venv/bin/", f"{sys.prefix}/bin/").split()
        settings = {**os.environ, "COLUMNS": "250", "NO_COLOR": "1"}
        answer = subprocess.run(
            command, cwd=folder, check=False, env=settings, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        return Answer(answer.returncode, answer.stdout)

    return run


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory, recipe: list[str]) -> Tool:
    """Runs a tool of `make check` in a copy of the house."""
    return tools_in(planting.copy_house(tmp_path_factory.mktemp("clean")), recipe)


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory, recipe: list[str]) -> Tool:
    """Runs a tool of `make check`, once, in a copy that holds all violations at once."""
    folder = planting.copy_house(tmp_path_factory.mktemp("planted"))
    planting.plant_everything(folder)
    return tools_in(folder, recipe)


def contract_names() -> dict[str, str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {contract["id"]: contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]}


def test_check_runs_every_tool_and_no_other(recipe: list[str]) -> None:
    assert [tool for line in recipe for tool in TOOLS if tool in line] == TOOLS
    assert len(recipe) == len(TOOLS)


def test_every_contract_has_a_violation_planted() -> None:
    assert {plant.contract for plant in planting.IMPORTS} == set(contract_names())


@pytest.mark.parametrize("tool", [tool for tool in TOOLS if tool != "mypy --strict"])
def test_the_house_as_it_is_passes(clean: Tool, tool: str) -> None:
    answer = clean(tool)
    assert answer.code == 0, answer.text


@pytest.mark.parametrize("plant", planting.IMPORTS, ids=str)
def test_a_forbidden_import_is_told_under_its_contract(planted: Tool, plant: Plant) -> None:
    answer = planted("lint-imports")
    name = contract_names()[plant.contract]
    assert answer.code != 0
    assert f"{name} BROKEN" in answer.text
    section = re.search(rf"^{re.escape(name)}\n-+\n(.*?)(?=^-{{20,}}$|\Z)", answer.text, re.DOTALL | re.MULTILINE)
    assert section is not None
    assert plant.message in section[1]


@pytest.mark.parametrize(
    ("tool", "plant"),
    [
        *(("ruff format --check", plant) for plant in planting.FORMAT),
        *(("ruff check", plant) for plant in planting.RUFF),
        *(("mypy --strict", plant) for plant in planting.MYPY),
        *(("tests.house.shape", plant) for plant in planting.SHAPE),
        *(("tests.house.purity", plant) for plant in planting.PURITY),
    ],
    ids=str,
)
def test_a_violation_is_told_by_the_tool_for_it(planted: Tool, tool: str, plant: Plant) -> None:
    answer = planted(tool)
    assert answer.code != 0
    assert plant.message in answer.text


@pytest.mark.parametrize(
    ("tool", "plant"),
    [
        ("ruff check", planting.PRINT_WHERE_IT_MAY_BE),
        ("tests.house.purity", planting.INNOCENT),
        *(("tests.house.shape", plant) for plant in planting.AT_THE_LIMIT),
    ],
    ids=str,
)
def test_what_is_allowed_is_not_told(planted: Tool, tool: str, plant: Plant) -> None:
    assert plant.message not in planted(tool).text
