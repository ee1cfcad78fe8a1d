"""What every state backend promises."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from reconciler.backends.file import FileBackend
from reconciler.backends.memory import MemoryBackend
from reconciler.model.diagnostic import StateError
from reconciler.model.state import Entry, Holder, State
from reconciler.protocols import StateBackend
from tests.backends.random_states import states
from tests.backends.states import LINEAGE, NOW, entry, now, registered, state_of

Opens = Callable[[Path], StateBackend]


def in_memory(_: Path) -> StateBackend:
    return MemoryBackend(now=now)


def in_a_file(folder: Path) -> StateBackend:
    return FileBackend(folder / "state" / "default.json", envform_version="0.1.0", now=now)


ADAPTERS = [pytest.param(in_memory, id="memory"), pytest.param(in_a_file, id="file")]


@pytest.fixture(params=ADAPTERS)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> StateBackend:
    opens: Opens = request.param
    return opens(tmp_path)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(StateError) as caught:
        act()
    (diagnostic,) = caught.value.diagnostics
    return f"{diagnostic.summary}\n{diagnostic.detail}"


def test_nothing_is_there_before_anything_was_written(backend: StateBackend) -> None:
    assert backend.read() is None


def test_what_is_written_is_read(backend: StateBackend) -> None:
    backend.write(state_of("training"))
    assert backend.read() == state_of("training")


def test_an_empty_state_is_not_the_same_as_none(backend: StateBackend) -> None:
    backend.write(state_of())
    assert backend.read() == state_of()


def test_the_first_state_has_serial_one(backend: StateBackend) -> None:
    assert "State has moved on" in refusal(lambda: backend.write(state_of("training", serial=2)))
    assert backend.read() is None


@pytest.mark.parametrize("serial", [1, 2, 4])
def test_refuses_a_serial_that_does_not_follow(backend: StateBackend, serial: int) -> None:
    backend.write(state_of())
    backend.write(state_of("training", serial=2))
    assert f"serial {serial}" in refusal(lambda: backend.write(state_of("scoring", serial=serial)))
    assert backend.read() == state_of("training", serial=2)


def test_refuses_another_lineage(backend: StateBackend) -> None:
    backend.write(state_of("training"))
    said = refusal(lambda: backend.write(state_of("scoring", serial=2, lineage="another")))
    assert "State of another lineage" in said
    assert LINEAGE in said
    assert backend.read() == state_of("training")


def test_what_is_appended_is_read(backend: StateBackend) -> None:
    backend.write(state_of("training"))
    backend.append(entry("scoring"))
    assert backend.read() == state_of("training", "scoring")


def test_the_last_entry_of_a_name_counts(backend: StateBackend) -> None:
    backend.write(state_of("training"))
    backend.append(entry("training", "1", "2"))
    backend.append(entry("training", "1", "2", "3"))
    kept = backend.read()
    assert kept is not None
    assert kept.environments == {"training": registered("training", "1", "2", "3")}


def test_an_entry_may_take_a_name_away(backend: StateBackend) -> None:
    backend.write(state_of("training", "scoring"))
    backend.append(Entry("training", None))
    kept = backend.read()
    assert kept is not None
    assert set(kept.environments) == {"scoring"}


def test_a_write_puts_an_end_to_what_was_appended(backend: StateBackend) -> None:
    backend.write(state_of("training"))
    backend.append(entry("scoring"))
    backend.write(state_of("training", serial=2))
    assert backend.read() == state_of("training", serial=2)


def test_an_append_before_any_write_is_not_forgotten(backend: StateBackend) -> None:
    backend.append(entry("training"))
    kept = backend.read()
    assert kept is not None
    assert (kept.serial, set(kept.environments)) == (0, {"training"})
    backend.write(replace(kept, serial=1))
    assert backend.read() == replace(kept, serial=1)


def test_a_first_write_may_not_forget_what_was_appended(backend: StateBackend) -> None:
    backend.append(entry("training"))
    assert "cut short" in refusal(lambda: backend.write(state_of("scoring")))
    backend.write(state_of("training", "scoring"))
    assert backend.read() == state_of("training", "scoring")


def test_a_lock_says_who_holds_it(backend: StateBackend) -> None:
    with backend.lock("apply") as holder:
        assert (holder.operation, holder.created) == ("apply", NOW)
        assert holder.pid > 0
        assert holder.who
        assert holder.host


def test_second_lock_names_the_holder(backend: StateBackend) -> None:
    with backend.lock("apply") as holder:
        said = refusal(lambda: backend.lock("destroy").__enter__())
    assert said.startswith("State is locked")
    for known in (holder.id, holder.who, holder.host, str(holder.pid), "`apply`", NOW):
        assert known in said


def test_contention_is_temporary(backend: StateBackend) -> None:
    with backend.lock("apply"), pytest.raises(StateError) as caught:
        backend.lock("apply").__enter__()
    assert caught.value.temporary


def test_a_lock_ends_with_its_block_even_when_that_fails(backend: StateBackend) -> None:
    with pytest.raises(RuntimeError), backend.lock("apply"):
        raise RuntimeError
    with backend.lock("apply") as holder:
        assert holder.operation == "apply"


def test_the_holder_reads_writes_and_appends(backend: StateBackend) -> None:
    with backend.lock("apply"):
        backend.write(state_of())
        backend.append(entry("training"))
        backend.append(entry("scoring"))
        kept = backend.read()
        assert kept == state_of("training", "scoring")
        backend.write(state_of("training", "scoring", serial=2))
    assert backend.read() == state_of("training", "scoring", serial=2)


def test_reading_needs_no_lock(backend: StateBackend) -> None:
    backend.write(state_of("training"))
    with backend.lock("apply"):
        assert backend.read() == state_of("training")


def test_what_is_appended_together_is_one_change(backend: StateBackend) -> None:
    backend.write(state_of("training", "scoring"))
    backend.append(Entry("training", None), entry("serving"), entry("scoring", "1", "2"))
    kept = backend.read()
    assert kept is not None
    assert {name: len(one.versions) for name, one in kept.environments.items()} == {"scoring": 2, "serving": 1}
    backend.append(Entry("training", None), entry("serving"), entry("scoring", "1", "2"))
    assert backend.read() == kept  # a second time changes nothing


@pytest.mark.parametrize("other", [state_of("scoring", lineage="another"), state_of(), state_of("scoring", serial=9)])
def test_overwriting_asks_neither_for_lineage_nor_for_serial(backend: StateBackend, other: State) -> None:
    backend.write(state_of("training"))
    backend.append(entry("serving"))
    backend.overwrite(other)
    assert backend.read() == other
    backend.append(entry("training"))
    backend.write(replace(other, serial=other.serial + 1))
    assert backend.read() == replace(other, serial=other.serial + 1)


def test_the_first_state_may_be_an_overwriting_one(backend: StateBackend) -> None:
    backend.overwrite(state_of("training", serial=7))
    assert backend.read() == state_of("training", serial=7)


def test_what_is_removed_never_was(backend: StateBackend) -> None:
    backend.write(state_of("training"))
    backend.append(entry("serving"))
    backend.remove()
    assert backend.read() is None
    backend.remove()
    backend.write(state_of("scoring"))
    assert backend.read() == state_of("scoring")


def test_a_lock_that_nobody_holds_cannot_be_freed(backend: StateBackend) -> None:
    assert "State is not locked" in refusal(lambda: backend.unlock("any"))


def test_only_the_right_id_frees_a_lock_and_the_error_names_the_holder(backend: StateBackend) -> None:
    with backend.lock("apply") as holder:
        said = refusal(lambda: backend.unlock("wrong"))
        assert said.startswith("Lock has another id")
        assert holder.id in said
        assert holder.who in said


def test_the_lock_of_a_living_process_cannot_be_taken_away(backend: StateBackend) -> None:
    with backend.lock("apply") as holder:
        said = refusal(lambda: backend.unlock(holder.id))
        assert said.startswith("Lock belongs to a living process")
        assert f"kill {holder.pid}" in said
        assert "State is locked" in refusal(lambda: backend.lock("destroy").__enter__())


def test_of_two_writers_at_once_nothing_is_lost(backend: StateBackend) -> None:
    backend.write(state_of())

    def adds(mine: str) -> None:
        for number in range(20):
            with waiting_for(lambda: backend.lock("apply")):
                state = backend.read() or State("")
                backend.append(entry(f"{mine}{number}"))
                backend.write(replace(state.after(entry(f"{mine}{number}")), serial=state.serial + 1))

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(adds, ("a", "b"))) == [None, None]
    kept = backend.read()
    assert kept is not None
    assert (kept.serial, len(kept.environments)) == (41, 40)


def waiting_for(lock: Callable[[], AbstractContextManager[Holder]]) -> ExitStack:
    stack = ExitStack()
    for pause in range(10_000):
        try:
            stack.enter_context(lock())
        except StateError:
            time.sleep(0.0001 * (pause % 7))
        else:
            return stack
    raise AssertionError


def test_a_thousand_records_come_back_in_whatever_way_they_came(backend: StateBackend) -> None:
    names = [f"e{number}" for number in range(1000)]
    backend.write(state_of(*names[:500]))
    with backend.lock("apply"):
        for name in names[500:]:
            backend.append(entry(name))
        assert backend.read() == state_of(*names)
        backend.write(state_of(*names, serial=2))
    assert backend.read() == state_of(*names, serial=2)


@pytest.mark.parametrize("opens", ADAPTERS)
@settings(max_examples=40, deadline=None)
@given(state=states())
def test_every_state_comes_back_as_it_was(opens: Opens, state: State) -> None:
    with tempfile.TemporaryDirectory() as folder:
        backend = opens(Path(folder))
        first = replace(state, serial=1)
        backend.write(first)
        assert backend.read() == first
        for name, after in state.environments.items():
            backend.append(Entry(name, after, state.locks))
        assert backend.read() == first
