"""Some four thousand expressions, value for value and type for type as Terraform has them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.language.compared.recordings import FOLDER, NAMES
from tests.language.functions.recordings import answers, recorded
from tests.language.functions.test_recorded_calls import agree, difference
from tests.language.functions.world import furnish
from tests.services.wants import Tell

CASES = {name: recorded(name, FOLDER) for name in NAMES}
ALL = [case for cases in CASES.values() for case in cases]
ASKED_AGAIN = 14


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    furnish(folder)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_expressions_are_worth_what_terraform_says_or_what_is_written_down_to_differ(name: str, world: Path) -> None:
    assert [found for case in CASES[name] if (found := difference(case, world))] == []


def test_all_recordings_are_compared() -> None:
    assert {path.stem for path in FOLDER.glob("*.jsonl")} == set(NAMES)


def test_wherever_envform_differs_from_terraform_a_reason_is_written_down(tell: Tell) -> None:
    differing = [case for case in ALL if "ours" in case]
    assert all(case["why"] for case in differing)
    assert len(differing) <= 45
    tell(f"{len(ALL) - len(differing)} of {len(ALL)} more are worth what terraform says")


def test_the_terraform_program_still_says_what_is_written_down(tmp_path: Path) -> None:
    if shutil.which("terraform") is None:
        pytest.skip("wants terraform: not installed")
    asked = ALL[::ASKED_AGAIN]
    found = zip(asked, answers(asked, tmp_path), strict=True)
    assert [(case["expression"], said) for case, said in found if not agree(case, said)] == []
