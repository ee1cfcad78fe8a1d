"""Expressions, value for value as Terraform has them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from reconciler.language.span import RefusedError, SpanError
from reconciler.language.value import Value
from tests.language.evaluated import answer, comparable, converted, value_of
from tests.language.terraform import RECORDINGS, ask, recorded
from tests.services.wants import Tell

CASES = [(name, case) for name in RECORDINGS for case in recorded(name)]


def worth(case: dict[str, Any]) -> Value:
    """What the expression is worth, as its type where the case says one."""
    if "as" in case:
        return converted(case["expression"], case["as"])
    return value_of(case["expression"])


@pytest.mark.parametrize(
    "case", [case for _, case in CASES], ids=[f"{name}: {case['expression'][:40]}" for name, case in CASES]
)
def test_an_expression_is_worth_what_terraform_says_or_what_is_written_down_to_differ(case: dict[str, Any]) -> None:
    expected = case.get("ours", case)
    if "error" in expected:
        with pytest.raises((SpanError, RefusedError)) as caught:
            worth(case)
        told = caught.value
        assert isinstance(told, (SpanError, RefusedError))
        assert told.summary
        assert told.detail.endswith((".", "`.", "!", "?")), told.detail
    else:
        assert comparable(answer(worth(case))) == comparable(expected)


def test_wherever_envform_differs_from_terraform_a_reason_is_written_down() -> None:
    differing = [case for _, case in CASES if "ours" in case]
    assert all(case["why"] for case in differing)
    assert len(differing) <= 9


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_terraform_program_still_answers_what_is_written_down(name: str, tmp_path: Path, tell: Tell) -> None:
    if shutil.which("terraform") is None:
        pytest.skip("wants terraform: not installed")
    cases = recorded(name)
    found = [
        (case["expression"], theirs)
        for case, theirs in zip(cases, ask(cases, tmp_path), strict=True)
        if theirs != {key: case[key] for key in case if key not in ("as", "expression", "ours", "why")}
    ]
    same = sum("ours" not in case for case in cases) - len(found)
    tell(f"{same} of {len(cases)} {name.replace('_', ' ')} are worth what terraform says")
    assert found == []


@pytest.mark.parametrize(
    ("expression", "summary", "hint"),
    [
        ('[for number in [1] : "${numbr}x"]', "Invalid reference", "did you mean `number`?"),
        ("[for item in [{image = 1}] : item.imag]", "Unsupported attribute", "did you mean `image`?"),
        ('{image = 1}["imege"]', "Invalid index", "did you mean `image`?"),
        ("[{a = 1}].a", "Unsupported attribute", "to take `a` of every element, write `[*].a`"),
        ('!"True"', "Invalid operand", "did you mean `true`?"),
        ("{for x in [1, 1] : x => x}", "Duplicate object key", "write `...` after the value"),
        ("a = 1", "Invalid expression", "`==` compares two values"),
    ],
)
def test_what_was_probably_meant_is_said(expression: str, summary: str, hint: str) -> None:
    with pytest.raises(SpanError) as caught:
        value_of(expression)
    assert caught.value.summary == summary
    assert hint in caught.value.hint


def test_a_failed_expression_tells_the_values_of_the_names_in_it() -> None:
    item = {"sizes": (1, 2), "name": "cpu", "note": None}
    with pytest.raises(SpanError) as caught:
        value_of("item.sizes + 1 + item.name", item=item)
    assert dict(caught.value.values) == {"item.sizes": "is a tuple with 2 elements"}
    with pytest.raises(SpanError) as caught:
        value_of("item.name * item.sizes[1] + 0", item=item)
    assert dict(caught.value.values) == {"item.name": 'is "cpu"', "item.sizes[1]": "is 2"}
    with pytest.raises(SpanError) as caught:
        value_of('"image-${item.note}"', item=item)
    assert dict(caught.value.values) == {"item.note": "is null"}


def test_a_call_names_the_function_that_does_not_exist() -> None:
    with pytest.raises(SpanError) as caught:
        value_of('uper("a")')
    assert caught.value.summary == "Call to unknown function"
    assert (caught.value.start, caught.value.end) == (8, 12)


def test_the_error_stands_at_the_smallest_expression_that_fails() -> None:
    text = 'value = [1, {a = "x${1 + true}"}]\n'
    with pytest.raises(SpanError) as caught:
        value_of(text.removeprefix("value = ").rstrip())
    assert text[caught.value.start : caught.value.end] == "1 + true"


def test_numbers_keep_every_digit() -> None:
    assert value_of("123456789012345678901234567890 + 1") == 123456789012345678901234567891
    assert value_of('"${0.1 + 0.2}"') == value_of("0.3")
    assert value_of('"${1.10}!"') == "1.1!"


def test_text_is_composed_so_that_two_spellings_of_a_letter_are_equal() -> None:
    assert value_of('"e\u0301"') == "\u00e9"
    assert value_of('"${"e"}\\u0301"') == "\u00e9"
