"""What it costs to start: people and shells ask for help and completions many times a day."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

import pytest

from tests.cli.terminal import REPOSITORY, program_environment

HEAVY = {"docker", "deepdiff", "hcl2", "lark", "pydantic", "rattler", "tabulate", "yaml", "urllib3", "requests"}


@pytest.mark.parametrize("words", [["version"], ["-help"], ["completion", "bash"], ["__complete", "--", "pl"]])
def test_light_commands_load_no_heavy_library(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "reconciler", *words],
        cwd=REPOSITORY,
        env=program_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "click" in loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize("words", [["version"], ["-help"]])
def test_light_commands_cost_little_more_than_click_itself(words: list[str]) -> None:
    ours, clicks = [], []
    for _ in range(7):  # in turns, so that a busy machine is unfair to both
        ours.append(_cpu_seconds("-m", "reconciler", *words))
        clicks.append(_cpu_seconds("-c", "import click"))
    assert statistics.median(ours) < 2.5 * statistics.median(clicks)


def _cpu_seconds(*arguments: str) -> float:
    before = os.times()
    subprocess.run(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env=program_environment(),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system
