"""What a failing or endless build in an engine leaves behind: a log, a verdict, and nothing in the registry."""

from __future__ import annotations

import json
import re

import pytest

from reconciler.registries.layout import LayoutRegistry
from tests.builders.test_docker import SLOW, STEPS, Project, by_each_driver, project, sleepers, wait_until, words_of

__all__ = ["by_each_driver", "project"]
pytestmark = pytest.mark.docker


def declared(steps: str) -> str:
    return re.sub(r"\[.*\]", lambda _: steps, STEPS)


def test_a_failing_step_is_sorted_and_its_whole_log_is_kept(by_each_driver: Project) -> None:
    project = by_each_driver
    lines = "; ".join(f"echo line-{number}" for number in range(30))
    secret = "echo Looking in indexes: https://me:s3cret@pypi.example.org/simple"
    project.write(
        "main.hcl",
        declared(f'["RUN {secret}; {lines}; echo ERROR: No matching distribution found for x==9 >&2; exit 1"]'),
    )
    done = project.run("apply", "-auto-approve")
    said = done.stderr[done.stderr.index("Error:") :]
    assert done.exit_code == 1
    assert said.startswith("Error: Docker build failed [pip-no-distribution]")
    assert "The index has no such package or version" in words_of(said)
    assert "envform logs environment.training" in words_of(said)
    assert "line-29" in said
    assert "line-2\n" not in said
    log = project.run("logs", "environment.training").stdout
    assert "line-2\n" in log
    assert "failed: Docker build failed [pip-no-distribution]" in log
    assert "s3cret" not in done.stderr + log
    assert "https://***@pypi.example.org" in log

    told = [json.loads(line) for line in project.run("apply", "-auto-approve", "-json").stdout.splitlines()]
    assert "pip-no-distribution" in [one["diagnostic"].get("rule") for one in told if "diagnostic" in one]


def test_a_build_that_takes_too_long_is_ended(by_each_driver: Project) -> None:
    by_each_driver.write("main.hcl", SLOW)
    done = by_each_driver.run("apply", "-auto-approve", "-build-timeout=3s")
    assert done.exit_code == 1
    assert "Build took too long" in done.stderr
    assert "after 3 seconds" in words_of(done.stderr)
    wait_until(lambda: not sleepers())
    assert LayoutRegistry(by_each_driver.folder / "registry").catalog() == ()
    log = by_each_driver.run("logs", "environment.training").stdout
    assert "it-has-begun" in log
    assert "failed: Build took too long" in log
    assert by_each_driver.apply(re.sub("sleep [0-9.]+", "sleep 0", SLOW)).exit_code == 0


def test_steps_have_a_log_when_all_is_well(project: Project) -> None:
    project.apply(STEPS)
    log = project.run("logs", "training").stdout
    assert "made-by-hand" in log
    assert re.search(r"layer sha256:[0-9a-f]{64}, \d+ bytes", log)
    assert log.splitlines()[-1].endswith(project.image().digest)
