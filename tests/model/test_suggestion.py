"""What is guessed, and what is not."""

from __future__ import annotations

import pytest

from reconciler.model.suggestion import did_you_mean, nearest, nearest_address

WORDS = ("image", "description", "platform", "tags", "inference_config")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("imagee", "image"),
        ("Image", "image"),
        ("plattform", "platform"),
        ("desc", "description"),
        ("tag", "tags"),
        ("xyzzy", None),
        ("", None),
        ("i", None),
    ],
)
def test_the_nearest_word_is_offered_and_no_other(typed: str, meant: str | None) -> None:
    assert nearest(typed, WORDS) == meant


def test_a_beginning_that_several_words_share_is_no_guess() -> None:
    assert nearest("pla", ("plain_old_words", "plastic_surgery")) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("environment.nope", None),
        ("environment.trianing", "environment.training"),
        ("enviroment.trianing", "environment.training"),
        ("trianing", "environment.training"),
        ("base_image.ome", "base_image.one"),
        ("environment.one", None),
        ('environment.many["cpu.2"]', 'environment.many["cpu.1"]'),
        ("one", "base_image.one"),
        ("nothing.like.that", None),
    ],
)
def test_addresses_are_near_where_their_labels_are(typed: str, meant: str | None) -> None:
    addresses = ("environment.training", "base_image.one", 'environment.many["cpu.1"]')
    assert nearest_address(typed, addresses) == meant


def test_a_hint_asks_and_is_empty_when_there_is_nothing_to_ask() -> None:
    assert did_you_mean("imagee", WORDS) == "did you mean `image`?"
    assert did_you_mean("xyzzy", WORDS) == ""
