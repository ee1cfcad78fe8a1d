"""`yamldecode` gives what Terraform's gives: each expected value was printed by it."""

from __future__ import annotations

from fractions import Fraction

import pytest

from reconciler.language.span import RefusedError
from reconciler.language.yaml_values import load_value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes: a\n010: b\n0x10: c", {"true": "a", "10": "b", "16": "c"}),
        (
            "- 010\n- 1_000\n- 1:30\n- 0x1F\n- .5\n- 0o10\n- +1\n- 1e3",
            (10, "1_000", "1:30", 31, Fraction(1, 2), 8, 1, 1000),
        ),
        ("- 0x1G\n- 0o9\n- -0x10\n- 0X1F\n- 1e\n- -010\n- 0b1", ("0x1G", "0o9", "-0x10", "0X1F", "1e", -10, "0b1")),
        ("- N\n- off\n- yEs\n- TRUE\n- Y\n- n\n- 'yes'", (False, False, "yEs", True, True, False, "yes")),
        ("- ~\n- Null\n-\n- !!null x", (None, None, None, None)),
        ('- !!int "5"\n- !!str 5\n- !!float 1\n- !!bool yes', ("5", "5", 1, True)),
        (
            "- 2022-02-03 10:00:00\n- 2022-13-03\n- 2022-2-3",
            ("2022-02-03T10:00:00Z", "2022-13-03", "2022-02-03T00:00:00Z"),
        ),
        ("- 2022-02-03t10:00:00.5+02:00", ("2022-02-03T10:00:00+02:00",)),
        ("<<: {a: 1}\nb: 2", {"a": 1, "b": 2}),
        ("--- a", "a"),
        ("null", None),
    ],
)
def test_values_are_those_of_terraform(text: str, expected: object) -> None:
    assert load_value(text) == expected


@pytest.mark.parametrize("text", ["", "# c", "a: .nan", "a: 1\n---\nb: 1", "~: a", "? [a]\n: b", "a: [", "a: 1\na: 2"])
def test_what_is_no_value_is_refused(text: str) -> None:
    with pytest.raises(RefusedError):
        load_value(text)
