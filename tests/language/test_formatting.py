"""HCL formatted: byte for byte what terraform fmt gives, and nothing but white space changed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reconciler.language.formatting.check import mistakes
from reconciler.language.formatting.difference import patch
from reconciler.language.formatting.graphemes import columns
from reconciler.language.formatting.lexer import tokens
from reconciler.language.formatting.lines import format_text
from reconciler.language.pieces import split
from reconciler.language.scanner import scan
from tests.language.formatting_oracle import ask, recorded
from tests.language.formatting_texts import mangled, random_text
from tests.services.wants import Tell, require

CASES = recorded()
REPOSITORY = Path(__file__).parents[2]
FILES = [path for folder in ("examples", "golden") for path in sorted((REPOSITORY / folder).rglob("*.hcl"))]
GENERATED = 600

BOUNDED = settings(max_examples=250, deadline=2000, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
WORDS = '" ${ %{ ~} } { [ ] ( ) = == => ? : :: . ... , ~ - ! * / % < && || for in if a é 1 1.5'
MARKS = (
    *("<<E\n", "<<-E\n", "E\n", "\n", "\r\n", "\r", "\t", " ", "  ", "/*", "*/", "# x\n", "//", "\\", "$"),
    *("a = ", "foo {\n", "}\n", "\x00", "\ufeff", "\u0301", "\u200d", "\ud800"),
)
PIECES = st.sampled_from([*WORDS.split(), *MARKS])


def meaning(text: str) -> list[list[tuple[str, str]]]:
    """The tokens that the grammar sees, blocks told apart: what formatting must not touch."""
    return [[(token.type, _bare(token.text)) for token in scan(text[start:end])] for start, end in split(text)]


def _bare(token: str) -> str:
    """The scanner sees `[ * ]` and `. *` as one token."""
    return "".join(token.split()) if token[-2:].strip() in ("*", "*]", "]") else token


def check_that_only_white_space_changes(text: str) -> None:
    formatted = format_text(text)
    assert format_text(formatted) == formatted
    assert tokens(formatted) == tokens(text)
    assert _without_blanks(formatted) == _without_blanks(text)


def _without_blanks(text: str) -> str:
    return "".join(text.replace("\ufeff", "").split())


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_a_text_is_formatted_as_terraform_does_or_as_is_written_down_to_differ(case: dict[str, str]) -> None:
    assert format_text(case["text"]) == case.get("ours", case["terraform"])
    check_that_only_white_space_changes(case["text"])


def test_wherever_formatting_differs_from_terraform_a_reason_is_written_down() -> None:
    differing = [case for case in CASES if "ours" in case]
    assert all(case["why"] for case in differing)
    assert len(differing) <= 10


def test_the_terraform_program_formats_these_and_many_generated_texts_alike(tmp_path: Path, tell: Tell) -> None:
    require("terraform")
    files = [path.read_text(encoding="utf-8") for path in FILES]
    generated = [random_text(seed) for seed in range(GENERATED)]
    texts = [*generated, *(mangled(text, seed) for seed in range(10) for text in files)]
    plain = [case for case in CASES if "ours" not in case]
    answers = ask([*(case["text"] for case in plain), *texts], tmp_path)
    assert answers[: len(plain)] == [case["terraform"] for case in plain]
    read = [(text, answer) for text, answer in zip(texts, answers[len(plain) :], strict=True) if answer is not None]
    assert len(read) > 0.9 * len(texts)
    differing = [(text, answer, format_text(text)) for text, answer in read if format_text(text) != answer]
    tell(
        f"{len(plain)} of {len(CASES)} written cases and {len(read) - len(differing)} of {len(read)} "
        "generated texts become what terraform fmt makes of them"
    )
    assert differing == []


@pytest.mark.parametrize("seed", range(0, 200, 20))
def test_a_generated_text_keeps_its_meaning(seed: int) -> None:
    for text in map(random_text, range(seed, seed + 20)):
        check_that_only_white_space_changes(text)
        if not mistakes("main.hcl", text):
            assert mistakes("main.hcl", format_text(text)) == []
            assert meaning(format_text(text)) == meaning(text)


@BOUNDED
@given(st.lists(PIECES, max_size=40))
@example(["a", " = ", '"', "${", "\n", '"'])
@example(["a = ", "<<E\n"])
def test_pieces_in_any_order_give_the_same_meaning_or_a_mistake(pieces: list[str]) -> None:
    text = "".join(pieces)
    format_text(text)  # whatever it is, it ends
    if not mistakes("main.hcl", text):
        check_that_only_white_space_changes(text)
        assert meaning(format_text(text)) == meaning(text)


@BOUNDED
@given(st.data())
def test_a_text_with_random_edits_gives_the_same_meaning_or_a_mistake(data: st.DataObject) -> None:
    text = random_text(data.draw(st.integers(0, 50)))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(PIECES) + text[at + data.draw(st.integers(0, 3)) :]
    format_text(text)
    if not mistakes("main.hcl", text):
        check_that_only_white_space_changes(text)
        assert meaning(format_text(text)) == meaning(text)


@BOUNDED
@given(st.binary())
def test_random_bytes(content: bytes) -> None:
    for text in (content.decode("utf-8", errors="replace"), content.decode("latin-1")):
        mistakes("main.hcl", text)
        format_text(text)


@pytest.mark.parametrize("text", ["[" * 50_000, '"${' * 50_000, "foo {\n" * 20_000, "<<E\n" * 50_000, '"' * 100_001])
def test_deep_and_broken_texts_end_soon_with_a_mistake(text: str) -> None:
    began = time.process_time()
    assert mistakes("main.hcl", text)
    assert time.process_time() - began < 2


def test_every_mistake_of_a_file_has_its_place() -> None:
    text = "a = \nfoo {\n  b = [1 2]\n}\nc = 3\nd = (\n"
    found = mistakes("main.hcl", text)
    assert [(item.summary, item.subject.start.line, item.subject.start.column) for item in found if item.subject] == [
        ("Invalid expression", 1, 3),
        ("Missing item separator", 3, 10),
        ("Unbalanced brackets", 6, 5),
    ]


def test_a_mistake_in_an_escape_is_found_in_a_block_built_like_others() -> None:
    assert len(mistakes("main.hcl", 'a = "x"\nb = "\\q"\n')) == 1


def test_a_thousand_blocks_take_less_than_two_seconds() -> None:
    block = (REPOSITORY / "examples/01-quickstart/main.hcl").read_text(encoding="utf-8").partition("environment ")[2]
    text = "".join(f'environment "e{number}" {{\n{block.partition("{")[2]}' for number in range(1000))
    text = text.replace('  description = "', '  pip = ["torch==2.1", # pinned\n"numpy"]\n' * 8 + '  description = "')
    began = time.process_time()
    assert mistakes("main.hcl", text) == []
    format_text(text)
    assert time.process_time() - began < 2, len(text)


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("größe", 5),
        ("gro\u0308ße", 5),
        ("日本", 2),
        ("\U0001f1e9\U0001f1ea\U0001f1eb", 2),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467!", 2),
        ("\u1112\u1161\u11ab\u1100", 2),
        ("\ud55c\u11ab", 1),
        ("\u0e01\u0e33", 1),
        ("a\u0301\u0302\u0303\r\n", 2),
        ("\u200b\u0301", 2),
    ],
)
def test_what_readers_see_as_one_character_is_one_column(text: str, width: int) -> None:
    assert columns(text) == width


def test_changed_lines_far_apart_are_shown_in_hunks_of_their_own() -> None:
    old = "a=1\n" + "b = 2\n" * 7 + "c=3\n" + "d = 4\n" * 6 + "e=5"
    assert list(patch("x.hcl", old, format_text(old))) == [
        *("--- old/x.hcl", "+++ new/x.hcl", "@@ -1,4 +1,4 @@", "-a=1", "+a = 1", *(" b = 2",) * 3),
        *("@@ -6,11 +6,11 @@", *(" b = 2",) * 3, "-c=3", "+c = 3", *(" d = 4",) * 6, "-e=5"),
        *("\\ No newline at end of file", "+e = 5", "\\ No newline at end of file"),
    ]
    assert list(patch("x.hcl", "a = 1\n", "a = 1\n")) == []
