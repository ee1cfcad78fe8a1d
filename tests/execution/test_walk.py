"""The walk: everything is visited, failures are handed over, stopping finishes what is running."""

from __future__ import annotations

import threading

from reconciler.execution.walk import walk
from reconciler.model.diagnostic import EnvformError, RegistryError


def free(count: int) -> dict[int, tuple[int, ...]]:
    """Items that stand on nothing."""
    return dict.fromkeys(range(count), ())


def test_an_item_is_visited_after_all_that_it_stands_on() -> None:
    order: list[str] = []
    edges = {"d": ("b", "c"), "c": ("a",), "b": ("a",), "a": ()}
    walk(edges, lambda item: item, lambda item, _: order.append(item), 4, lambda: False)
    assert order[0] == "a"
    assert order[-1] == "d"


def test_what_stands_on_a_failure_is_not_begun_and_the_failure_is_named() -> None:
    finished: list[str] = []

    def visit(item: str) -> str:
        if item == "b":
            raise RegistryError("Registry did not answer")
        return item

    edges = {"a": (), "b": (), "c": ("b",), "d": ("c", "a"), "e": ("a",)}
    omitted = walk(edges, visit, lambda item, _: finished.append(item), 1, lambda: False)
    assert sorted(finished) == ["a", "b", "e"]
    assert omitted.blocked == {"c": "b", "d": "b"}


def test_everything_is_visited_and_handed_over_in_the_calling_thread() -> None:
    results: dict[int, int] = {}
    threads = set()

    def finished(item: int, outcome: int | EnvformError) -> None:
        assert isinstance(outcome, int)
        results[item] = outcome
        threads.add(threading.current_thread())

    walk(free(50), lambda item: item * item, finished, 4, lambda: False)
    assert results == {item: item * item for item in range(50)}
    assert threads == {threading.current_thread()}


def test_no_more_visits_run_at_once_than_allowed() -> None:
    running, most = 0, 0
    mutex, gate = threading.Lock(), threading.Barrier(3, timeout=10)

    def visit(_: int) -> None:
        nonlocal running, most
        with mutex:
            running += 1
            most = max(most, running)
        gate.wait()
        with mutex:
            running -= 1

    walk(free(12), visit, lambda *_: None, 3, lambda: False)
    assert most == 3


def test_an_error_of_an_adapter_is_an_outcome() -> None:
    outcomes: list[object] = []

    def visit(item: int) -> int:
        if item == 1:
            raise RegistryError("Registry did not answer")
        return item

    walk(free(3), visit, lambda _, outcome: outcomes.append(outcome), 1, lambda: False)
    assert [type(outcome) for outcome in outcomes] == [int, RegistryError, int]


def test_once_stopped_what_is_running_is_finished_and_the_rest_is_given_back() -> None:
    finished: list[int] = []
    left = walk(free(5), lambda item: item, lambda item, _: finished.append(item), 1, lambda: len(finished) == 2)
    assert finished == [0, 1]
    assert left.stopped == [2, 3, 4]
