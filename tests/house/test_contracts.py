"""`make check` sees a violation of every rule of the house."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house import planting
from tests.house.planting import ROOT, Plant
from tests.services.wants import require

TOOLS = [
    "mypy --strict",
    "ruff format --check",
    "ruff check --output-format concise",
    "lint-imports --no-logo",
    "python -m tests.house.shape",
    "python -m tests.house.purity",
]
MYPY = TOOLS[0]
HEADING = re.compile(r"^== (?P<tool>.+): (?P<verdict>passed|FAILED) in [0-9.]+s$", re.MULTILINE)


@dataclass(frozen=True)
class Answer:
    """What a tool said, and whether it was content."""

    passed: bool
    text: str


@dataclass(frozen=True)
class Check:
    """What `make check` said as a whole, and each of its tools."""

    code: int
    tools: dict[str, Answer]
    last_line: str


@pytest.fixture(scope="session")
def recipe() -> list[str]:
    """The words of what `make check` runs, set-up left out."""
    # --assume-old: whether .venv is up to date is not the question.
    command: list[str | Path] = [require("make"), "--dry-run", "--assume-old=.venv/ready-dev", "check"]
    answer = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    (line,) = re.findall(r"^\.venv/bin/.*$", answer.stdout.replace("\\\n", ""), re.MULTILINE)
    return [word.replace(".venv/bin/", f"{sys.prefix}/bin/") for word in shlex.split(line)]


def check_in(folder: Path, command: list[str]) -> Check:
    settings = {**os.environ, "COLUMNS": "250", "NO_COLOR": "1"}
    answer = subprocess.run(command, cwd=folder, check=False, env=settings, capture_output=True, text=True)
    assert answer.stderr == ""
    headings = list(HEADING.finditer(answer.stdout))
    ends = [heading.start() for heading in headings[1:]] + [len(answer.stdout)]
    tools = {
        heading["tool"]: Answer(heading["verdict"] == "passed", answer.stdout[heading.end() : end])
        for heading, end in zip(headings, ends, strict=True)
    }
    return Check(answer.returncode, tools, answer.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory, recipe: list[str]) -> Check:
    """`make check` in a copy of the house, but for mypy, which needs the whole tree."""
    folder = planting.copy_house(tmp_path_factory.mktemp("clean"))
    return check_in(folder, [word for word in recipe if word != MYPY])


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory, recipe: list[str]) -> Check:
    """`make check` in a copy that holds all violations at once; of mypy, one file proves that it looks."""
    folder = planting.copy_house(tmp_path_factory.mktemp("planted"))
    planting.plant_everything(folder)
    return check_in(folder, [f"{MYPY} {planting.MYPY[0].path}" if word == MYPY else word for word in recipe])


def contract_names() -> dict[str, str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {contract["id"]: contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]}


def test_check_runs_every_tool_and_no_other(recipe: list[str]) -> None:
    assert recipe[-len(TOOLS) :] == TOOLS
    assert recipe[: -len(TOOLS)] == [f"{sys.prefix}/bin/python", "-m", "tests.house.side_by_side"]


def test_every_tool_has_its_say_when_all_of_them_fail(planted: Check) -> None:
    assert planted.code == 1
    assert [tool.removesuffix(f" {planting.MYPY[0].path}") for tool in planted.tools] == TOOLS
    assert not any(answer.passed for answer in planted.tools.values())
    assert planted.last_line == f"FAILED, 6 of 6: {', '.join(planted.tools)}"


def test_every_contract_has_a_violation_planted() -> None:
    assert {plant.contract for plant in planting.IMPORTS} == set(contract_names())


def test_the_house_as_it_is_passes(clean: Check) -> None:
    assert {tool: answer.text for tool, answer in clean.tools.items() if not answer.passed} == {}
    assert (clean.code, clean.last_line) == (0, "All 5 passed.")


@pytest.mark.parametrize("plant", planting.IMPORTS, ids=str)
def test_a_forbidden_import_is_told_under_its_contract(planted: Check, plant: Plant) -> None:
    answer = planted.tools["lint-imports --no-logo"]
    name = contract_names()[plant.contract]
    assert f"{name} BROKEN" in answer.text
    section = re.search(rf"^{re.escape(name)}\n-+\n(.*?)(?=^-{{20,}}$|\Z)", answer.text, re.DOTALL | re.MULTILINE)
    assert section is not None
    assert plant.message in section[1]


@pytest.mark.parametrize(
    ("tool", "plant"),
    [
        *(("ruff format", plant) for plant in planting.FORMAT),
        *(("ruff check", plant) for plant in planting.RUFF),
        *(("mypy", plant) for plant in planting.MYPY),
        *(("shape", plant) for plant in planting.SHAPE),
        *(("purity", plant) for plant in planting.PURITY),
    ],
    ids=str,
)
def test_a_violation_is_told_by_the_tool_for_it(planted: Check, tool: str, plant: Plant) -> None:
    assert plant.message in said_by(planted, tool)


@pytest.mark.parametrize(
    ("tool", "plant"),
    [
        ("ruff check", planting.PRINT_WHERE_IT_MAY_BE),
        *(("purity", plant) for plant in planting.INNOCENT),
        *(("shape", plant) for plant in planting.AT_THE_LIMIT),
    ],
    ids=str,
)
def test_what_is_allowed_is_not_told(planted: Check, tool: str, plant: Plant) -> None:
    assert plant.message not in said_by(planted, tool)


def said_by(check: Check, tool: str) -> str:
    (answer,) = (answer for command, answer in check.tools.items() if tool in command)
    return answer.text
