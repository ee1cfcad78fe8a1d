"""Killed at any moment, the file backend forgets nothing that it has acknowledged."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import pytest

from reconciler.model.diagnostic import StateError
from tests.backends.states import apply, entry, opened
from tests.services.wants import missing, require

REPOSITORY = Path(__file__).parents[2]
KILLS = 25
R = TypeVar("R")
CALLS = ("ftruncate", "pwrite64", "fsync", "rename", "unlink")


def kept(path: Path) -> set[str]:
    state = opened(path).read()
    return set(state.environments) if state else set()


def check_nothing_is_forgotten(path: Path, acknowledged: set[str]) -> None:
    assert acknowledged <= kept(path)
    backup = path.with_name(path.name + ".backup")
    if backup.exists():  # and one lost file more is not too much
        shutil.copy(path, path.with_name("aside"))
        shutil.copy(backup, path)
        assert acknowledged <= kept(path)
        path.with_name("aside").replace(path)
    with opened(path).lock("apply"):
        pass


@contextmanager
def forked(act: Callable[[Callable[[str], object]], None]) -> Iterator[tuple[int, Callable[[], str]]]:
    """Another process that acts and acknowledges; gives its id and a way to wait for one more acknowledgement."""
    receive, send = os.pipe()
    child = os.fork()
    if not child:
        with suppress(BaseException):
            act(lambda name: os.write(send, f"{name}\n".encode()))
        os._exit(0)
    os.close(send)
    with os.fdopen(receive) as acknowledgements:
        try:
            yield child, acknowledgements.readline
        finally:
            with suppress(ProcessLookupError, ChildProcessError):  # whoever waited for it has reaped it
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)


def test_killed_at_random_moments_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "state" / "default.json"
    chance = random.Random(20)
    acknowledged: set[str] = set()

    def applies(acknowledge: Callable[[str], object]) -> None:
        start = len(acknowledged) + chance.randrange(1000)
        for number in range(start, start + 400, 4):
            apply(path, (f"e{number}-{part}" for part in range(4)), acknowledge)

    for _ in range(KILLS):
        with forked(applies) as (child, acknowledgement):
            for _ in range(chance.randrange(1, 12)):
                acknowledged.add(acknowledgement().strip())
            for _ in range(chance.randrange(3000)):
                pass  # somewhere in the middle of the next one
            os.kill(child, signal.SIGKILL)
            while line := acknowledgement():
                acknowledged.add(line.strip())
        check_nothing_is_forgotten(path, acknowledged)
    assert len(acknowledged) > KILLS


def test_a_reader_never_sees_a_torn_state_and_never_goes_back(tmp_path: Path) -> None:
    path = tmp_path / "state" / "default.json"

    def applies(acknowledge: Callable[[str], object]) -> None:
        for number in range(40):
            apply(path, [f"e{number}-a", f"e{number}-b"])
        acknowledge("done")

    seen: set[str] = set()
    with forked(applies) as (child, acknowledgement):
        while os.waitpid(child, os.WNOHANG) == (0, 0) and len(seen) < 80:
            now_there = kept(path)
            assert seen <= now_there
            seen = now_there
        assert acknowledgement() == "done\n"


def test_the_lock_of_a_killed_process_is_free_at_once(tmp_path: Path) -> None:
    path = tmp_path / "state" / "default.json"

    def holds(acknowledge: Callable[[str], object]) -> None:
        with opened(path).lock("destroy"):
            acknowledge("held")
            signal.pause()

    with forked(holds) as (child, acknowledgement):
        assert acknowledgement() == "held\n"
        with pytest.raises(StateError) as caught:
            opened(path).lock("apply").__enter__()
        assert f"(process {child}) for `destroy`" in caught.value.diagnostics[0].detail
        os.kill(child, signal.SIGKILL)
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        with opened(path).lock("apply") as holder:
            assert holder.pid == os.getpid()


class Crash(BaseException):
    """The process ends here, as far as the code can tell."""


class Stop:
    """From now on, the n-th change to the disk is half done and then the process ends."""

    def __init__(self, step: int, patch: pytest.MonkeyPatch) -> None:
        self.left = step
        write, rename = os.pwrite, Path.replace

        def half(handle: int, data: memoryview, offset: int) -> int:
            return write(handle, data if self.left > 1 else data[: len(data) // 2], offset)

        patch.setattr(os, "pwrite", self.after(half))
        patch.setattr(os, "fsync", self.after(os.fsync))
        patch.setattr(os, "ftruncate", self.after(os.ftruncate))
        patch.setattr(Path, "replace", self.after(rename))
        patch.setattr(Path, "unlink", self.after(Path.unlink))

    def after(self, change: Callable[..., R]) -> Callable[..., R]:
        def changed(*args: object, **settings: object) -> R:
            if self.left > 0:
                result = change(*args, **settings)
                self.left -= 1
                if self.left:
                    return result
            raise Crash

        return changed


@pytest.mark.parametrize("earlier", [0, 1, 2])
def test_ended_at_every_step_nothing_acknowledged_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, earlier: int
) -> None:
    step = 0
    finished = False
    while not finished:
        step += 1
        path = tmp_path / f"{step}" / "default.json"
        acknowledged: set[str] = set()
        for number in range(earlier):
            apply(path, [f"before{number}"], acknowledged.add)
        with monkeypatch.context() as patch:
            Stop(step, patch)
            with suppress(Crash):
                apply(path, ["a", "b"], acknowledged.add)
                finished = True
        if acknowledged:
            check_nothing_is_forgotten(path, acknowledged)
        apply(path, ["c"], acknowledged.add)
        assert acknowledged <= kept(path)
        assert not list(path.parent.glob("*.tmp"))
    assert step > 20


def crashing_process(path: Path, act: str, *strace: str) -> tuple[int, set[str]]:
    command = ["strace", "-f", "-qq", "-o", os.devnull, "--seccomp-bpf", *strace]
    program = [sys.executable, "-B", "-m", "tests.backends.crash_worker", str(path), act]
    done = subprocess.run([*command, *program], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    return done.returncode, set(done.stdout.split())


@pytest.fixture(scope="module")
def strace() -> None:
    if subprocess.run([require("strace"), "-qq", "true"], check=False).returncode:
        missing("strace", "may not trace here")


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("call", CALLS)
def test_killed_at_every_system_call_nothing_acknowledged_is_lost(tmp_path: Path, call: str) -> None:
    begun = tmp_path / "begun" / "default.json"
    apply(begun, ["before"])
    for number in range(1, 20):
        path = tmp_path / f"{number}" / "default.json"
        shutil.copytree(begun.parent, path.parent)
        code, acknowledged = crashing_process(path, "apply", "-e", f"inject={call}:signal=SIGKILL:when={number}")
        check_nothing_is_forgotten(path, acknowledged | {"before"})
        if not code:
            assert kept(path) == {"before", "a", "b"}
            break
    else:
        pytest.fail("it never came to its end")
    assert number > 1, f"{call} is not used: choose the calls anew"


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("call", ["fsync", "rename", "unlink"])
@pytest.mark.parametrize(("act", "after"), [("overwrite", {"pushed"}), ("remove", set())])
def test_killed_at_every_system_call_a_state_is_replaced_or_removed_as_a_whole(
    tmp_path: Path, act: str, after: set[str], call: str
) -> None:
    begun = tmp_path / "begun" / "default.json"
    apply(begun, ["before"])
    opened(begun).append(entry("finished"))
    for number in range(1, 30):
        path = tmp_path / f"{number}" / "default.json"
        shutil.copytree(begun.parent, path.parent)
        code, _ = crashing_process(path, act, "-e", f"inject={call}:signal=SIGKILL:when={number}")
        assert kept(path) in ({"before", "finished"}, after)
        with opened(path).lock("apply"):
            pass
        if not code:
            assert kept(path) == after
            break
    else:
        pytest.fail("it never came to its end")
    assert number > 1, f"{call} is not used: choose the calls anew"
