"""Every folder in examples/ does what an example must: plan, apply, and then nothing is left to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.terminal import Envform, program
from tests.services.wants import missing, require

EXAMPLES = sorted(folder for folder in (Path(__file__).parent.parent / "examples").iterdir() if folder.is_dir())
PACKAGES = next(example for example in EXAMPLES if example.name == "04-packages")


@pytest.fixture(params=EXAMPLES, ids=lambda example: example.name)
def example(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy, as somebody has it who has just cloned the repository."""
    leavings = shutil.ignore_patterns("state", "registry", ".envform")
    return Path(shutil.copytree(request.param, tmp_path / request.param.name, ignore=leavings))


def end_where_out_of_reach(told: str) -> None:
    """What the packages example takes, and not every machine has."""
    if "Package index is out of reach" in told:
        missing("a package index", "it did not answer")
    if "Debian archive cannot be asked" in told:
        missing("a Debian mirror", "it did not answer")
    if "Debian packages cannot be used on this machine" in told or "No Debian mirror is known" in told:
        missing("apt", "this is no Debian, and does not know its keys")


def test_an_example_plans_applies_and_is_then_as_configured(example: Path, envform: Envform) -> None:
    planned = envform("plan", "-detailed-exitcode", cwd=example)
    end_where_out_of_reach(planned.stderr)
    assert planned.exit_code == 2, planned.stderr
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


@pytest.mark.network
@pytest.mark.parametrize("example", [PACKAGES], ids=["packages"], indirect=True)
def test_the_script_of_the_packages_example_runs_in_its_environment(example: Path, envform: Envform) -> None:
    require("runc")
    applied = envform("apply", "-auto-approve", cwd=example)
    end_where_out_of_reach(applied.stderr)
    assert applied.exit_code == 0, applied.stderr
    ran = program("run", "features", "-mount=.:/work", "--", "python", "/work/features.py", cwd=example)
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.splitlines() == ["numpy 2.2.6 sums up to 15", "a leap day is 5 days away, on 1 thread"]


def test_an_example_is_formatted_and_has_nothing_to_warn_of(example: Path, envform: Envform) -> None:
    assert envform("fmt", "-check", cwd=example).exit_code == 0
    assert envform("validate", "-strict", cwd=example).exit_code == 0


def test_an_example_says_on_top_what_it_shows(example: Path) -> None:
    (main,) = (path for path in example.iterdir() if path.name in ("main.hcl", "main.envform.yaml"))
    assert main.read_text(encoding="utf-8").startswith("# ")
