"""Killed before and after every call of state, registry and builder, an apply loses nothing and does nothing twice.

`ENVFORM_TEST_LONG=1` kills at each of them, else at one in several, another one in each run.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.session import Session
from reconciler.session.states import States
from tests.faults.killing import apply_until, in_a_process, recover
from tests.faults.workshops import ALPHA, BETA, NEWER_BETA, declare, environment, furnish, published

LONG = bool(os.environ.get("ENVFORM_TEST_LONG"))
PARTS, SAMPLE = 40 if LONG else 8, 1
DECLARED = {"platform", "training", "app", "new", "retired", "found", "fresh", "copy", "standing"}
PLATFORM = environment("platform")
APP = environment("app", BETA, image="environment.training.image")
BEFORE = (
    PLATFORM,
    environment("training", ALPHA),
    APP,
    environment("old", ALPHA, BETA),
    environment("gone", BETA, more='  on_destroy = "delete"\n'),
    environment("retired", more='  description = "retires"\n'),
    environment("found", NEWER_BETA),
)
AFTER = (
    PLATFORM.replace("}\n", '  description = "said anew"\n}\n'),
    environment("training", ALPHA, NEWER_BETA),  # a new version, and so one of what stands on it
    APP,
    environment("new", ALPHA, BETA),
    "moved {\n  from = environment.old\n  to = environment.new\n}\n",
    environment("found", NEWER_BETA),
    'import {\n  to = environment.found\n  id = "found:1"\n}\n',
    environment("fresh", BETA, ALPHA),
    environment("copy", BETA, ALPHA),
    environment("standing", image="environment.fresh.image"),
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which every kind of change is due. Nothing of the layers is kept from one process to the next."""
    root = tmp_path_factory.mktemp("world")
    furnish(root)
    declare(root, *BEFORE)

    def arrange(_: object) -> None:
        session = Session(root, lambda _: None)
        with session.locked("apply") as locked:
            locked.apply(locked.plan())
        States(Session(root, lambda _: None)).remove(["environment.found"], root / "aside.json")

    assert in_a_process(arrange)[0] == 0
    declare(root, *AFTER)
    return root


@dataclass(frozen=True)
class Whole:
    """What an apply leaves that nobody killed, and how many steps it takes."""

    world: Path
    steps: int
    after: object
    refs: dict[str, str]


@pytest.fixture(scope="module")
def whole(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    root = copied(world, tmp_path_factory.mktemp("whole") / "project")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(root / "cache"))
        ended, told = apply_until(root, 0)
        assert ended == 0
        again = recover(root)
    assert (again["built"], again["pushed"], again["left"]) == ([], [], [])
    assert set(again["after"]) == DECLARED
    assert told[-1]["steps"] > 100
    return Whole(world, told[-1]["steps"], again["after"], published(root))


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_every_step_nothing_is_lost_and_nothing_is_made_twice(
    whole: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    kills = range(1 + part, whole.steps + 1, PARTS)
    for step in kills if LONG else random.Random().sample(kills, SAMPLE):
        root = copied(whole.world, tmp_path / str(step))
        check_killed(root, step, whole)
        shutil.rmtree(root)


def copied(world: Path, root: Path) -> Path:
    shutil.copytree(world, root)
    return root


def check_killed(root: Path, step: int, whole: Whole) -> None:
    ended, finished = apply_until(root, step)
    there = published(root)
    if ended != signal.SIGKILL:  # two threads do not always take the same number of steps
        assert ended == 0
        finished = finished[:-1]
    seen = recover(root)
    for address, version, image in finished:
        check_recorded(seen["before"], address.removeprefix("environment."), version, image, step)
    again = [hash for hash in seen["built"] if f"envform:{hash}" in there]
    assert again == [], f"killed at step {step}, built again what was there"
    assert seen["left"] == [], f"killed at step {step}, an apply left something to do"
    assert seen["after"] == whole.after, f"killed at step {step}, another state came of it"
    assert published(root) == whole.refs


def check_recorded(before: dict[str, list[list[object]]], name: str, version: str, image: str, step: int) -> None:
    if name == "gone":
        assert name not in before
        return
    known = [(one[0], one[2]) for one in before.get(name, [])]
    assert (version, image) in known, f"killed at step {step}, {name} was forgotten"
