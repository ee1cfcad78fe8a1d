"""A plan is the same bytes whatever the hash seed, the names and order of files, the locale and the time zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.terminal import program
from tests.faults.workshops import ALPHA, BETA, SETTINGS, environment, furnish

BLOCKS = [
    environment("training", ALPHA, BETA, more='  tags = { a = "1", b = "2" }\n'),
    environment("app", image="environment.training.image", more="  count = 2\n"),
    environment("each", BETA, more='  for_each = toset(["z", "y", "x"])\n  name = "n-${each.key}"\n'),
    'data "environment" "late" {\n  name = environment.training.name\n}\n',
    'output "all" {\n  value = { for one in environment.app : one.name => one.image }\n}\n',
]
ELSEWHERE: Mapping[str, Mapping[str, str]] = {
    "hash seed": {"PYTHONHASHSEED": "1"},
    "another hash seed": {"PYTHONHASHSEED": "4321"},
    "locale": {"LC_ALL": "C", "LANG": "C"},
    "time zone": {"TZ": "Pacific/Kiritimati"},
}
TIMES = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    furnish(root)
    write(root, BLOCKS, "abcde")
    return root


@pytest.fixture(scope="module")
def expected(folder: Path) -> str:
    return planned(folder, {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"})


def write(root: Path, blocks: list[str], names: str) -> None:
    for old in root.glob("*.hcl"):
        old.unlink()
    (root / "settings.hcl").write_text(SETTINGS, encoding="utf-8")
    for name, block in zip(names, blocks, strict=True):
        (root / f"{name}.hcl").write_text(block, encoding="utf-8")


def planned(root: Path, env: Mapping[str, str]) -> str:
    """What is shown, and what is saved but for the moment and the names of files."""
    env = {"XDG_CACHE_HOME": str(root / "cache"), **env}
    done = program("plan", "-out=saved.plan", cwd=root, env=env)
    assert done.exit_code == 0, done.stderr
    shown = program("show", "-json", "saved.plan", cwd=root, env=env)
    assert shown.exit_code == 0, shown.stderr
    return TIMES.sub("TIME", re.sub("[^\\n ]*─+|(\\\\u2500)+", "", done.stdout) + shown.stdout)


@pytest.mark.parametrize("where", ELSEWHERE)
def test_a_plan_is_the_same_elsewhere(folder: Path, expected: str, where: str) -> None:
    assert planned(folder, ELSEWHERE[where]) == expected


def test_a_plan_is_the_same_whatever_files_are_called(folder: Path, expected: str) -> None:
    write(folder, BLOCKS[::-1], "vwxyz")
    assert planned(folder, {}) == expected
    write(folder, BLOCKS, "abcde")
