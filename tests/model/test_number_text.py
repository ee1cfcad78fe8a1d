"""Numbers in sentences have the word that goes with them."""

from __future__ import annotations

import pytest

from reconciler.model.number_text import counted


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (1.0, "1 second"),
        (0.5, "0.5 seconds"),
        (1800.0, "1800 seconds"),
        (2_000_000.0, "2000000 seconds"),
    ],
)
def test_one_is_one_and_whole_seconds_have_no_decimals(number: float, said: str) -> None:
    assert counted(number, "second") == said
