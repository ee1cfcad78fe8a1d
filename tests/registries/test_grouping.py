"""What is slow is done once for all that wait for it, and nobody waits for company that does not come."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from reconciler.model.diagnostic import RegistryError
from reconciler.registries.grouping import Group


class World:
    """What was done together, how long was waited before it, and a gate that the work can be held up at."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.batches: list[list[int]] = []
        self.slept: list[float] = []
        self.begun, self.gate = threading.Event(), threading.Event()
        self.gate.set()
        clock = SimpleNamespace(monotonic=lambda: self.now, sleep=self.slept.append)
        monkeypatch.setattr("reconciler.registries.grouping.time", clock)

    def commit(self, items: Sequence[int]) -> Sequence[Exception | None]:
        self.batches.append(sorted(items))
        self.begun.set()
        assert self.gate.wait(60)
        self.now += len(items) / 100
        return [RegistryError("Registry failed", "It did.") if item < 0 else None for item in items]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def together(world: World, group: Group[int], items: Sequence[int]) -> list[Exception | None]:
    """The first of them is at work while the others come."""

    def run(item: int) -> Exception | None:
        try:
            group.run(item)
        except RegistryError as error:
            return error
        return None

    world.begun.clear()
    world.gate.clear()
    with ThreadPoolExecutor(len(items)) as pool:
        done = [pool.submit(run, items[0])]
        assert world.begun.wait(60)
        done += [pool.submit(run, item) for item in items[1:]]
        while len(group._waiting) < len(items) - 1:
            pass
        world.gate.set()
        return [one.result(60) for one in done]


def test_who_comes_alone_does_not_wait(world: World) -> None:
    group = Group(world.commit)
    for item in range(3):
        group.run(item)
    assert (world.batches, world.slept) == ([[0], [1], [2]], [])


def test_who_comes_while_others_are_at_work_goes_with_the_next(world: World) -> None:
    together(world, Group(world.commit), range(8))
    assert world.batches == [[0], [1, 2, 3, 4, 5, 6, 7]]


def test_several_wait_for_more_as_long_as_it_took_last(world: World) -> None:
    group = Group(world.commit)
    together(world, group, range(8))
    assert world.slept == [pytest.approx(0.01)]
    group.run(8)
    assert world.slept == [pytest.approx(0.01), pytest.approx(0.07)]
    group.run(9)
    assert len(world.slept) == 2


def test_each_learns_what_became_of_its_own(world: World) -> None:
    failed = together(world, Group(world.commit), [0, 1, -2, 3])
    assert [error is not None for error in failed] == [False, False, True, False]
