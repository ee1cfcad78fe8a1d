"""A frozen dataclass of ours does what Python's does."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field
from typing import Any

import pytest
from pydantic import TypeAdapter

from reconciler.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Base:
    name: str
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Derived(Base):
    hidden: int = field(default=0, repr=False)
    uncompared: int = field(default=0, compare=False)
    made: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "made", self.name.upper())


@dataclass(slots=True)
class Changeable:
    name: str
    tags: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Nothing:
    pass


@dataclass(frozen=True, slots=True)
class Odd:
    number: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Odd) and self.number % 2 == other.number % 2

    def __hash__(self) -> int:
        return self.number % 2

    def __repr__(self) -> str:
        return "odd"


def test_it_is_made_by_position_and_by_name_and_fills_in_what_is_left_out() -> None:
    assert Base("a") == Base(name="a", tags={})
    assert Base("a").tags is not Base("a").tags
    assert (Derived("a", {}, 1).hidden, Derived("a", uncompared=2).uncompared, Derived("a").made) == (1, 2, "A")
    assert Nothing() == Nothing()
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'name'"):
        Base()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        Base("a", colour=1)  # type: ignore[call-arg]


def test_it_is_compared_by_its_fields_and_with_its_own_kind_alone() -> None:
    assert Derived("a", {}, 1) != Derived("a", {}, 2)
    assert Derived("a", {}, 1, 5) == Derived("a", {}, 1, 6)
    assert Base("a") != Derived("a")
    assert Nothing() != object()
    assert len({Odd(1), Odd(3), Odd(2)}) == 2
    assert hash(Nothing()) == hash(Nothing())
    with pytest.raises(TypeError, match="unhashable"):
        hash(Base("a"))


def test_it_is_shown_by_its_fields() -> None:
    assert repr(Derived("a")) == "Derived(name='a', tags={}, uncompared=0, made='A')"
    assert [repr(Odd(1)), repr(Nothing())] == ["odd", "Nothing()"]


@pytest.mark.parametrize("change", [lambda it: setattr(it, "name", "b"), lambda it: delattr(it, "name")])
def test_nothing_can_be_changed(change: Callable[[Any], None]) -> None:
    it = Base("a")
    with pytest.raises(FrozenInstanceError, match="'name'"):
        change(it)
    assert it.name == "a"
    assert not hasattr(it, "__dict__")


def test_what_is_not_frozen_can_be_changed_and_has_no_hash() -> None:
    it = Changeable("a")
    it.name = "b"
    it.tags.append("x")
    assert it == Changeable("b", ["x"]) == copy.deepcopy(it) == dataclasses.replace(it)
    assert repr(it) == "Changeable(name='b', tags=['x'])"
    assert not hasattr(it, "__dict__")
    with pytest.raises(TypeError, match="unhashable"):
        hash(it)


def test_python_and_pydantic_take_it_for_a_dataclass() -> None:
    it = Derived("a", {"x": "y"}, 3)
    assert dataclasses.replace(it, name="b") == Derived("b", {"x": "y"}, 3)
    assert dataclasses.asdict(Base("a")) == {"name": "a", "tags": {}}
    assert copy.deepcopy(it) == copy.copy(it) == pickle.loads(pickle.dumps(it)) == it
    assert TypeAdapter(Base).validate_json('{"name": "a"}') == Base("a")
    match Base("a", {"k": "v"}):
        case Base(name, tags):
            assert (name, tags) == ("a", {"k": "v"})


def test_it_costs_less_than_half_of_what_pythons_costs() -> None:
    code = (
        "import dataclasses, time\n"
        "from reconciler.model import frozen\n"
        "def seconds(kind):\n"
        "    began = time.process_time()\n"
        "    for _ in range(100):\n"
        "        kind(frozen=True, slots=True)(type('A', (), {'__annotations__': dict.fromkeys('abcd', 'int')}))\n"
        "    return time.process_time() - began\n"
        "seconds(dataclasses.dataclass)\n"
        "print(min(seconds(frozen.dataclass) for _ in range(3)) / min(seconds(dataclasses.dataclass) for _ in '123'))\n"
    )
    ratio = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert float(ratio) < 0.6
