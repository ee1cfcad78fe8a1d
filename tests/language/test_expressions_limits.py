"""Values that grow out of all proportion to their text end in a diagnostic, soon and without a traceback."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from reconciler.language.extent import MAXIMUM_PARTS
from reconciler.language.scope import Scope
from reconciler.language.span import SpanError
from reconciler.language.types import NUMBER
from reconciler.language.value import List, Sensitive, Value
from tests.language.evaluated import value_of

TEN = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"


def summary(expression: str, **names: Value) -> str:
    with pytest.raises(SpanError) as caught:
        value_of(expression, **names)
    return caught.value.summary


def doubled(inner: str, times: int) -> str:
    """A value that holds twice a value that holds twice a value …"""
    opening = "".join(f"[for v{n + 1} in [{inner.replace('X', f'v{n}')}] : " for n in range(times))
    return f"{opening}v{times}{']' * times}"


@pytest.mark.parametrize("inner", ["[X, X]", "{a = X, b = X}", "[for i in [1, 2] : X]", "[[X], {a = X}]"])
def test_a_value_that_doubles_itself_ends_in_a_diagnostic(inner: str) -> None:
    began = time.process_time()
    assert summary(doubled(inner, 40), v0=1) == "Value too large"
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "around", ["{} == {}", "true ? {} : {}", "false ? {} : null", "[for x in {} : x][0]", "tolist([{}, {}])"]
)
def test_large_values_are_compared_and_converted_in_no_time_or_refused(around: str) -> None:
    value = doubled("[X, X]", 14)
    began = time.process_time()
    with suppress(SpanError):
        value_of(around.replace("{}", f"({value})"), v0=1)
    assert time.process_time() - began < 5


def test_values_from_elsewhere_are_counted_too() -> None:
    large = tuple([tuple(range(1000))] * (MAXIMUM_PARTS // 1000))
    assert summary("[large, large]", large=large) == "Value too large"


def test_values_are_nested_one_hundred_deep_and_no_deeper() -> None:
    deep: Value = 1
    for _ in range(99):
        deep = (deep,)
    assert value_of("[deep]", deep=deep) == (deep,)
    assert summary("[[deep]]", deep=deep) == "Nested too deeply"
    assert summary("{a = {b = deep}}", deep=Sensitive(deep)) == "Nested too deeply"


def test_splats_count_as_loops() -> None:
    row = tuple(range(1000))
    assert value_of("row[*]", row=row) == row
    assert summary("[for a in row : row[*]]", row=row) == "Too many elements"
    assert summary("[for a in row : list[*]]", row=row, list=List(row, NUMBER)) == "Too many elements"


def test_many_long_texts_end_in_a_diagnostic_as_one_longer_text_does() -> None:
    text = "x" * 1_000_000
    assert (
        summary(f'[for a in {TEN} : [for b in {TEN} : [for c in {TEN} : "${{long}}!"]]]', long=text) == "Text too long"
    )
    assert summary(f'"{"${long}" * 11}"', long=text) == "Text too long"


def test_every_argument_may_make_as_much_as_the_one_before() -> None:
    scope = Scope()
    scope.budget.elements = 5
    assert scope.renewed().budget.elements == 0


@pytest.mark.parametrize("depth", [10, 24, 33])
def test_branches_inside_of_branches_take_time_in_proportion_to_the_text(depth: int) -> None:
    shapes = ["true ? 1 : [X, [][0]]", "true ? [1] : {{a = X, b = [][0]}}", 'false ? "${{[][0]}}" : [X, [][0]][0]']
    for shape in shapes:
        text = "1"
        for _ in range(depth):
            text = shape.replace("{{", "{").replace("}}", "}").replace("X", f"({text})")
        began = time.process_time()
        with suppress(SpanError):
            value_of(text)
        assert time.process_time() - began < 2
