"""Killed at any moment, a command on state leaves the old state or the new one, and the next one goes on from there."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from reconciler.backends.format import encode
from reconciler.model.diagnostic import EnvformError
from reconciler.model.state import State
from reconciler.session import workspace_edits, workspaces
from reconciler.session.states import States
from tests.backends.states import apply, entry, opened, state_of
from tests.backends.test_crash import Crash, Stop
from tests.session.projects import content, session_in, states_in

Act = Callable[[States], object]
PUSHED = encode(state_of("pushed", "training", serial=9), envform_version="0.1.0")
FOREIGN = encode(state_of("pushed", lineage="another"), envform_version="0.1.0")

ACTS: dict[str, tuple[Act, dict[str, tuple[str, int]]]] = {
    "mv": (
        lambda states: states.move("environment.training", "environment.moved", None),
        {"training": ("environment.moved", 1), "scoring": ("environment.scoring", 1)},
    ),
    "rm": (lambda states: states.remove(["environment.t*"], None), {"scoring": ("environment.scoring", 1)}),
    "rm of all": (lambda states: states.remove(["*"], None), {}),
    "push": (
        lambda states: states.push(PUSHED, "pushed", force=False),
        {"pushed": ("environment.pushed", 1), "training": ("environment.training", 1)},
    ),
    "push of another lineage": (
        lambda states: states.push(FOREIGN, "pushed", force=True),
        {"pushed": ("environment.pushed", 1)},
    ),
}


def arranged(root: Path, *, crashed: bool) -> dict[str, tuple[str, int]]:
    """What is recorded before; `crashed`: with a journal that an apply could not finish."""
    path = root / "state" / "default.json"
    apply(path, ["training"])
    apply(path, ["scoring"] if not crashed else [])
    if crashed:
        opened(path).append(entry("scoring"))
    return content(opened(path).read())


def check_readable(root: Path) -> State | None:
    return states_in(root).backend.read()


@pytest.mark.parametrize("crashed", [False, True], ids=["", "after a crash"])
@pytest.mark.parametrize("name", ACTS)
def test_ended_at_every_step_the_state_is_the_old_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, crashed: bool
) -> None:
    act, after = ACTS[name]
    seen = set()
    for step in count(1):
        root = tmp_path / str(step)
        before = arranged(root, crashed=crashed)
        finished = False
        with monkeypatch.context() as patch:
            Stop(step, patch)
            with suppress(Crash):
                act(states_in(root))
                finished = True
        found = content(check_readable(root))
        assert found in (before, after)
        seen.add(found == after)
        if finished:
            break
        if found == before:
            act(states_in(root))
            assert not list((root / "state").glob("*.lock"))
        assert content(check_readable(root)) == after
    assert seen == {True, False}
    assert step > 8


def test_ended_at_every_step_a_workspace_is_whole_or_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for step in count(1):
        root = tmp_path / str(step)
        before = content(apply(root / "state" / "trial.json", ["training"]))
        finished = False
        with monkeypatch.context() as patch:
            Stop(step, patch)
            with suppress(Crash):
                workspace_edits.delete(session_in(root), "trial", force=True)
                finished = True
        found = content(states_in(root, workspace="trial").backend.read())
        assert found in (before, {})
        if finished:
            break
        with suppress(EnvformError):  # it may be gone already
            workspace_edits.delete(session_in(root), "trial", force=True)
        assert "trial" not in workspaces.known(session_in(root))
    assert step > 8


def test_a_lock_that_a_crash_left_half_written_is_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for step in range(1, 5):
        with monkeypatch.context() as patch:
            Stop(step, patch)
            with suppress(Crash), states_in(tmp_path).locked("apply"):
                pass
        with states_in(tmp_path).locked("apply") as holder:
            assert holder.pid == os.getpid()
