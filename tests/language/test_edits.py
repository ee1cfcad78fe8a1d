"""Texts that are nearly HCL: envform takes those that Terraform takes, and refuses those that it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.language.formatting_oracle import ask
from tests.language.random_edits import is_taken
from tests.services.wants import Tell

CASES: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).parent / "edits.jsonl").read_text(encoding="utf-8").splitlines()
]


def test_a_text_is_taken_or_refused_as_terraform_does_or_as_is_written_down(
    tell: Tell,
) -> None:
    assert [case["text"] for case in CASES if is_taken(case["text"]) != case.get("ours", case["taken"])] == []
    same = sum("ours" not in case for case in CASES)
    tell(f"{same} of {len(CASES)} texts are taken or refused as terraform does")


def test_wherever_envform_differs_a_reason_is_written_down() -> None:
    differing = [case for case in CASES if "ours" in case]
    assert all(case["why"] for case in differing)
    assert len(differing) <= 12


def test_the_terraform_program_still_says_what_is_written_down(tmp_path: Path) -> None:
    if shutil.which("terraform") is None:
        pytest.skip("wants terraform: not installed")
    answers = ask([case["text"] for case in CASES], tmp_path)
    differing = zip(CASES, answers, strict=True)
    assert [case["text"] for case, answer in differing if (answer is not None) != case["taken"]] == []
