"""How changes of values are drawn, held against what the terraform program said of the same changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reconciler.rendering.body import Body
from reconciler.rendering.style import PLAIN, Style
from reconciler.rendering.values import SENSITIVE, UNKNOWN, Block, Map, Value
from tests.rendering.terraform_bodies import ask, ours, recorded
from tests.services.wants import Tell

CASES = recorded()


@pytest.mark.parametrize("case", [case for case in CASES if "why" not in case])
def test_a_change_is_drawn_as_terraform_draws_it(case: dict[str, str]) -> None:
    assert ours(case) == case["drawn"]


def test_wherever_envform_differs_from_terraform_a_reason_is_written_down() -> None:
    differing = [case for case in CASES if "why" in case]
    assert len(differing) <= 3
    assert all(ours(case) != case["drawn"] for case in differing)


def test_the_terraform_program_still_draws_what_is_written_down(tmp_path: Path, tell: Tell) -> None:
    if shutil.which("terraform") is None:
        pytest.skip("wants terraform: not installed")
    found = [case for case, theirs in zip(CASES, ask(CASES, tmp_path), strict=True) if theirs != case["drawn"]]
    same = sum("why" not in case for case in CASES)
    tell(f"{same} of {len(CASES)} changes are drawn as terraform draws them")
    assert found == []


TABLE: dict[str, tuple[dict[str, Value], dict[str, Value], str]] = {
    "an element that moved is shown as gone and come": (
        {"pip": ["a", "b", "c", "d"]},
        {"pip": ["b", "c", "d", "e"]},
        """
      ~ pip = [
          - "a",
            "b",
            # (1 unchanged element hidden)
            "d",
          + "e",
        ]""",
    ),
    "keys of maps are quoted and their values are elements": (
        {"labels": Map({"a": "1", "b": "2", "c": "3"})},
        {"labels": Map({"a": "1", "b": "4"})},
        """
      ~ labels = {
          ~ "b" = "2" -> "4"
          - "c" = "3" -> null
            # (1 unchanged element hidden)
        }""",
    ),
    "tags are shown whole": (
        {"tags": Map({"a": "1"}), "x": "1"},
        {"tags": Map({"a": "1"}), "x": "2"},
        """
        tags = {
            "a" = "1"
        }
      ~ x    = "1" -> "2\"""",
    ),
    "what is not known or not to be seen says so": (
        {"a": "x", "b": SENSITIVE, "c": ["x"]},
        {"a": UNKNOWN, "b": "y", "c": UNKNOWN},
        """
      ~ a = "x" -> (known after apply)
      ~ b = (sensitive value)
      ~ c = [
          - "x",
        ] -> (known after apply)""",
    ),
    "blocks stand below attributes, a blank line before each": (
        {"a": "x", "one": Block({"p": "1"}), "two": Block({"p": "1"})},
        {"a": "x", "one": Block({"p": "2"}), "two": Block({"p": "1"})},
        """
        # (1 unchanged attribute hidden)

      ~ one {
          ~ p = "1" -> "2"
        }

        # (1 unchanged block hidden)""",
    ),
    "only the newline at the end differs": ({"a": "x\n"}, {"a": "x"}, '\n      ~ a = "x\\n" -> "x"'),
    "names of two columns a character are aligned by columns": (
        {"m": Map()},
        {"m": Map({"日本": "1", "b": "2"})},
        """
      ~ m = {
          + "b"    = "2"
          + "日本" = "1"
        }""",
    ),
    "text that a terminal or a build service would obey is spelled out": (
        {},
        {"a": "red \x1b[31m \u202e ##vso[x] ##[error]", "b": "one\n  ::error::two\x07\n##[group]"},
        """
      + a = "red \\u001b[31m \\u202e \\u0023#vso[x] \\u0023#[error]"
      + b = <<-EOT
            one
              \\u003a:error::two\\x07
            \\u0023#[group]
        EOT""",
    ),
}


def test_json_that_is_too_deep_to_be_drawn_is_a_text() -> None:
    deep = "[" * 3000 + "]" * 3000
    assert list(Body(PLAIN).block({}, {"a": deep})) == [f'      + a = "{deep}"']


@pytest.mark.parametrize("case", TABLE)
def test_the_table(case: str) -> None:
    before, after, drawn = TABLE[case]
    assert "\n" + "\n".join(Body(PLAIN).block(before, after)) == drawn


def test_what_a_change_forces_stands_behind_the_value_or_the_opening_bracket() -> None:
    notes = dict.fromkeys(("image", "pip", "build", "gone"), "forces rebuild")
    before: dict[str, Value] = {"image": "a", "pip": ["a"], "build": Block({"path": "a"}), "gone": "a", "same": "a"}
    after: dict[str, Value] = {"image": "b", "pip": ["b"], "build": Block({"path": "b"}), "same": "a"}
    marked = [line for line in Body(PLAIN, notes=notes).block(before, after) if "forces" in line]
    assert marked == [
        '      - gone  = "a" -> null # forces rebuild',
        '      ~ image = "a" -> "b" # forces rebuild',
        "      ~ pip   = [ # forces rebuild",
        "      ~ build { # forces rebuild",
    ]


def test_colour_adds_to_the_text_and_takes_nothing_away() -> None:
    before, after = ({"a": ["x", text], "b": text} for text in ("1", "two\nlines"))
    coloured = "\n".join(Body(Style.ansi()).block(before, after))
    plain = coloured
    for code in ("0", "1", "31", "32", "33", "36", "90"):
        plain = plain.replace(f"\x1b[{code}m", "")
    assert plain == "\n".join(Body(PLAIN).block(before, after))
    assert "\x1b[33m~\x1b[0m" in coloured
