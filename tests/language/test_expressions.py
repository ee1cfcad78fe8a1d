"""Expressions, value for value as Terraform has them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from reconciler.language.span import SpanError
from tests.language.evaluated import plain, value_of
from tests.language.terraform import ask, recorded

CASES = recorded()


@pytest.mark.parametrize("case", CASES, ids=[case["expression"][:40] for case in CASES])
def test_an_expression_is_worth_what_terraform_says_or_what_is_written_down_to_differ(case: dict[str, Any]) -> None:
    expected = case.get("ours", case)
    if "error" in expected:
        with pytest.raises(SpanError) as caught:
            value_of(case["expression"])
        assert caught.value.summary
        assert caught.value.detail.endswith((".", "`.", "!", "?")), caught.value.detail
    else:
        assert plain(value_of(case["expression"])) == plain(expected["value"])


def test_wherever_envform_differs_from_terraform_a_reason_is_written_down() -> None:
    differing = [case for case in CASES if "ours" in case]
    assert all(case["why"] for case in differing)
    assert len(differing) <= 5


def test_the_terraform_program_still_answers_what_is_written_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if shutil.which("terraform") is None:
        pytest.skip("wants terraform: not installed")
    answers = ask([case["expression"] for case in CASES], tmp_path)
    found = [
        (case["expression"], answer)
        for case, answer in zip(CASES, answers, strict=True)
        if answer != {key: case[key] for key in answer}
    ]
    same = sum("ours" not in case for case in CASES) - len(found)
    with capsys.disabled():
        sys.stdout.write(f" {same} of {len(CASES)} expressions are worth what terraform says ")
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
