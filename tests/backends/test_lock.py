"""Locks that somebody left behind."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.backends.file import FileBackend
from reconciler.model.diagnostic import Diagnostic, StateError
from reconciler.model.state import Holder
from tests.backends.states import apply, entry, now, state_of
from tests.backends.test_crash import forked

BOOT = Path("/proc/sys/kernel/random/boot_id")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "default.json"


def opened(path: Path, told: list[Diagnostic] | None = None, *, locking: bool = True) -> FileBackend:
    tell = (lambda _: None) if told is None else told.append
    return FileBackend(path, envform_version="0.1.0", now=now, tell=tell, locking=locking)


def killed_while_it_held(path: Path) -> int:
    def holds(acknowledge: Callable[[str], object]) -> None:
        backend = opened(path)
        with backend.lock("apply"):
            backend.append(entry("finished"))
            acknowledge("held")
            signal.pause()

    with forked(holds) as (child, acknowledgement):
        assert acknowledgement() == "held\n"
        os.kill(child, signal.SIGKILL)
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    return child


def note(path: Path, **changes: str) -> dict[str, str]:
    """Somebody else's lock file, changed and without anybody who holds it."""
    lock = path.with_suffix(".lock")
    written = {**json.loads(lock.read_text()), **changes}
    lock.write_text(json.dumps(written))
    return written


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(StateError) as caught:
        act()
    (diagnostic,) = caught.value.diagnostics
    return f"{diagnostic.summary}\n{diagnostic.detail}"


def test_the_lock_of_a_dead_process_is_taken_over_with_a_warning_that_names_it(path: Path) -> None:
    apply(path, ["before"])
    pid = killed_while_it_held(path)
    told: list[Diagnostic] = []
    backend = opened(path, told)
    with backend.lock("apply") as holder:
        assert json.loads(path.with_suffix(".lock").read_text())["id"] == holder.id
        state = backend.read()
    (warning,) = told
    assert warning.summary == "Last operation did not end properly"
    assert f"(process {pid}) for `apply`" in warning.detail
    assert state is not None
    assert set(state.environments) == {"before", "finished"}
    assert not path.with_suffix(".lock").exists()
    with backend.lock("apply"):
        assert len(told) == 1


def test_whoever_ends_properly_leaves_nothing_to_warn_about(path: Path) -> None:
    told: list[Diagnostic] = []
    for _ in range(2):
        with pytest.raises(RuntimeError), opened(path, told).lock("apply"):
            raise RuntimeError
    assert told == []


def test_a_lock_of_another_machine_is_not_taken_over(path: Path) -> None:
    killed_while_it_held(path)
    there = note(path, host="elsewhere", boot="another")
    said = refusal(lambda: opened(path).lock("apply").__enter__())
    assert said.startswith("State is locked")
    assert "on elsewhere" in said
    assert f"    envform force-unlock {there['id']}" in said
    assert "State is locked" in refusal(lambda: opened(path).append(entry("training")))
    assert json.loads(path.with_suffix(".lock").read_text()) == there
    freed: Holder = opened(path).unlock(there["id"])
    assert freed.host == "elsewhere"
    told: list[Diagnostic] = []
    with opened(path, told).lock("apply"):
        assert told == []


@pytest.mark.skipif(not BOOT.exists(), reason="wants boot_id: only Linux tells which run of a kernel this is")
def test_a_container_that_died_on_this_machine_is_not_another_machine(path: Path) -> None:
    killed_while_it_held(path)
    note(path, host="f2ca1bb6c7e9")
    told: list[Diagnostic] = []
    with opened(path, told).lock("apply"):
        assert "on f2ca1bb6c7e9" in told[0].detail


def test_a_lock_that_is_freed_by_a_wrong_id_stays(path: Path) -> None:
    killed_while_it_held(path)
    there = note(path, host="elsewhere", boot="another")
    assert there["id"] in refusal(lambda: opened(path).unlock("wrong"))
    assert path.with_suffix(".lock").exists()


@pytest.mark.parametrize("content", ["", "{", "null", "[]", '{"id": 1}'])
def test_a_lock_file_that_says_nothing_is_no_lock(path: Path, content: str) -> None:
    path.parent.mkdir()
    path.with_suffix(".lock").write_text(content)
    assert "does not say who holds it" in refusal(lambda: opened(path).unlock("any"))
    with opened(path).lock("apply"):
        pass


def test_without_locking_nobody_is_kept_out(path: Path) -> None:
    apply(path, ["training"])
    with opened(path).lock("apply"):
        backend = opened(path, locking=False)
        with backend.lock("apply"):
            backend.append(entry("scoring"))
        assert path.with_suffix(".lock").exists()
    state = opened(path).read()
    assert state is not None
    assert set(state.environments) == {"training", "scoring"}


def test_folders_that_are_made_for_a_lock_alone_go_with_it(tmp_path: Path) -> None:
    backend = opened(tmp_path / "a" / "b" / "default.json")
    with backend.lock("gc"):
        assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["default.lock"]
    assert not list(tmp_path.iterdir())


def test_folders_with_something_in_them_stay(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with opened(tmp_path / "empty" / "default.json").lock("gc"):
        pass
    backend = opened(tmp_path / "a" / "b" / "default.json")
    with backend.lock("apply"):
        backend.write(state_of("one"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "empty"]
    assert backend.read() == state_of("one")
