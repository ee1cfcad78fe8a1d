"""Calls of functions, value for value as Terraform has them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from reconciler.language.span import SpanError
from tests.language.evaluated import answer, comparable
from tests.language.functions.recordings import NAMES, answers, recorded
from tests.language.functions.world import furnish, value_in
from tests.services.wants import Tell

CASES = {name: recorded(name) for name in NAMES}
ALL = [case for cases in CASES.values() for case in cases]
ASKED_AGAIN = 12


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    furnish(folder)
    return folder


def difference(case: dict[str, Any], world: Path) -> tuple[str, Any, Any] | None:
    """What a call should be worth and is not."""
    expected = case.get("ours", case)
    wanted = "an error" if "error" in expected else comparable(expected)
    try:
        found: Any = comparable(answer(value_in(world, case["expression"])))
    except SpanError as error:
        told = error.summary and error.detail.endswith((".", "!", "?"))
        found = "an error" if told else f"no sentence: {error.detail}"
    return None if found == wanted else (case["expression"], wanted, found)


@pytest.mark.parametrize("name", NAMES)
def test_calls_are_worth_what_terraform_says_or_what_is_written_down_to_differ(name: str, world: Path) -> None:
    differences = [found for case in CASES[name] if (found := difference(case, world))]
    assert differences == []


def test_wherever_envform_differs_from_terraform_a_reason_is_written_down(tell: Tell) -> None:
    differing = [case for case in ALL if "ours" in case]
    assert all(case["why"] for case in differing)
    assert len(differing) <= 30
    tell(f"{len(ALL) - len(differing)} of {len(ALL)} calls are worth what terraform says")


def test_the_terraform_program_still_says_what_is_written_down(tmp_path: Path) -> None:
    if shutil.which("terraform") is None:
        pytest.skip("wants terraform: not installed")
    asked = ALL[::ASKED_AGAIN]
    found = zip(asked, answers(asked, tmp_path), strict=True)
    assert [(case["expression"], said) for case, said in found if not agree(case, said)] == []


def agree(case: dict[str, Any], said: dict[str, Any]) -> bool:
    """Whether two answers of the program are one; it words an error by when it meets it."""
    return "error" in case if "error" in said else said == {key: case.get(key) for key in said}
