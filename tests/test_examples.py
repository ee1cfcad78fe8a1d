"""Every folder in examples/ does what an example must: plan, apply, and then nothing is left to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.terminal import Envform

EXAMPLES = sorted(folder for folder in (Path(__file__).parent.parent / "examples").iterdir() if folder.is_dir())


@pytest.fixture(params=EXAMPLES, ids=lambda example: example.name)
def example(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy, as somebody has it who has just cloned the repository."""
    leavings = shutil.ignore_patterns("state", "registry", ".envform")
    return Path(shutil.copytree(request.param, tmp_path / request.param.name, ignore=leavings))


def test_an_example_plans_applies_and_is_then_as_configured(example: Path, envform: Envform) -> None:
    assert envform("plan", "-detailed-exitcode", cwd=example).exit_code == 2
    applied = envform("apply", "-auto-approve", cwd=example)
    assert applied.exit_code == 0, applied.stderr
    again = envform("plan", "-detailed-exitcode", cwd=example)
    assert (again.exit_code, again.stdout.splitlines()[0]) == (
        0,
        "No changes. Your environments match the configuration.",
    )
    drift = envform("drift", cwd=example)
    assert (drift.exit_code, drift.stderr) == (0, "")
    assert drift.stdout.startswith("No drift.")


def test_an_example_is_formatted_and_has_nothing_to_warn_of(example: Path, envform: Envform) -> None:
    assert envform("fmt", "-check", cwd=example).exit_code == 0
    assert envform("validate", "-strict", cwd=example).exit_code == 0


def test_an_example_says_on_top_what_it_shows(example: Path) -> None:
    (main,) = (path for path in example.iterdir() if path.name in ("main.hcl", "main.envform.yaml"))
    assert main.read_text(encoding="utf-8").startswith("# ")
