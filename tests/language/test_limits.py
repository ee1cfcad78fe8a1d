"""Nothing that a file holds takes envform down, and time grows with the text."""

from __future__ import annotations

import gc
import sys
import time
from contextlib import suppress

import pytest

from reconciler.language.configuration import configure
from reconciler.language.span import SpanError
from tests.language.evaluated import value_of
from tests.language.projects import ENVFORM, places


def summary(expression: str) -> str:
    with pytest.raises(SpanError) as caught:
        value_of(expression)
    return caught.value.summary


NESTED = [
    ("(", "1", ")"),
    ("[", "1", "]"),
    ("{a = ", "1", "}"),
    ('"${', "1", '}"'),
    ("[for x in [1] : ", "x", "]"),
    ("true ? 1 : ", "1", ""),
    ("true ? ", "1", " : 1"),
    ("!", "true", ""),
    ("-", "1", ""),
    ("- (1 + 2 * ", "3", ")"),
    ("1 == 1 ? [for x in {a = -1 * (2 - ", "1", ")} : x][0] : 0"),
    ("true || true && 1 == 1 && 1 < 2 + 3 * -(true ? ", "1", " : 2)"),
    ('"%{ if true }%{ for x in [', "1", '] }%{ endfor }%{ endif }"'),
    ("f(", "1", ")"),
    ("[1][", "0", "]"),
]


@pytest.mark.parametrize(("opening", "middle", "closing"), NESTED)
def test_deep_nesting_ends_in_a_value_or_a_diagnostic_never_in_a_traceback(
    opening: str, middle: str, closing: str
) -> None:
    for depth in (20, 33, 49, 50, 99, 100, 101, 5000):
        text = opening * depth + middle + closing * depth
        with suppress(SpanError):
            value_of(text)
            assert depth <= 101


def test_one_hundred_levels_are_read_and_the_next_is_refused() -> None:
    assert value_of("(" * 99 + "1" + ")" * 99) == 1
    assert summary("(" * 101 + "1" + ")" * 101) == "Nested too deeply"


def test_the_deepest_expression_leaves_most_of_pythons_stack_alone() -> None:
    limit, depth = sys.getrecursionlimit(), len(_frames())
    text = "1 == 1 ? [for x in {a = -1 * (2 - " * 24 + "1" + ")} : x][0] : 0" * 24
    sys.setrecursionlimit(depth + 600)
    try:
        assert value_of(text) is not None
    finally:
        sys.setrecursionlimit(limit)


def _frames() -> list[object]:
    frame, frames = sys._getframe(), []
    while frame.f_back is not None:
        frame = frame.f_back
        frames.append(frame)
    return list(frames)


@pytest.mark.parametrize(
    "text",
    [
        " + ".join(["1"] * 20_000),
        "[" + "1," * 20_000 + "]",
        '"' + "${1}" * 10_000 + '"',
        "{a = 1}" + ".a" * 20_000,
        "[" * 20_000,
        "(" * 20_000,
        '"${' * 20_000,
        "{" * 20_000,
        '"' + "%{ if true }" * 20_000 + '"',
        "<<A\n" * 5_000,
        "/*" * 20_000,
        "a[*]" * 2_000,
        '"' * 20_001,
        "!" * 20_000 + "true",
        "9" * 20_000,
        "1e999999999",
        '"' + "\\u0041" * 20_000 + '"',
    ],
    ids=lambda text: text[:12],
)
def test_long_and_lopsided_expressions_are_read_or_refused_in_no_time(text: str) -> None:
    began = time.process_time()
    with suppress(SpanError):
        value_of(text)
    assert time.process_time() - began < 5


def test_loops_make_so_many_elements_and_no_more() -> None:
    ten = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"
    many = f"[for a in {ten} : [for b in {ten} : [for c in {ten} : [for d in {ten} : [for e in {ten} : e]]]]]"
    assert summary(many) == "Too many elements"


def test_a_text_that_doubles_itself_ends_in_a_diagnostic() -> None:
    opening = "".join(f'[for v{n + 1} in ["${{v{n}}}${{v{n}}}"] : ' for n in range(40))
    with pytest.raises(SpanError) as caught:
        value_of(opening + "v40" + "]" * 40, v0="0123456789")
    assert caught.value.summary == "Text too long"


@pytest.mark.parametrize("expression", ["1e5000", "1e4000 * 1e4000", "1e-4000 / 1e4000", '"1e9999" + 1'])
def test_numbers_out_of_range_are_refused(expression: str) -> None:
    assert summary(expression) == "Number out of range"


def test_a_block_nested_too_deeply_is_told_at_its_line() -> None:
    text = 'environment "a" {\n' + "b {\n" * 200 + "}\n" * 200 + "}\n"
    assert [item for item in places(text) if item[1] == "Nested too deeply"] == [(101, "Nested too deeply")]


def test_time_grows_in_proportion_to_the_text() -> None:
    block = 'environment "e{0}" {{\n  image = "python:{0}"\n  tags  = {{ a = {0}, b = "x${{{0}}}" }}\n}}\n'
    configure({"warm.hcl": ENVFORM})
    costs = []
    for count in (100, 800):
        text = ENVFORM + "".join(block.format(number) for number in range(count))
        gc.collect()
        began = time.process_time()
        configure({"main.hcl": text})
        costs.append(time.process_time() - began)
    assert costs[1] < 8 * costs[0] * 2.5 + 0.2


def test_a_pause_of_the_collector_ends_with_the_parse() -> None:
    assert gc.isenabled()
    configure({"main.hcl": ENVFORM})
    assert gc.isenabled()
