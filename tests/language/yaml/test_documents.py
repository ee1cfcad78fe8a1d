"""What a YAML document is read as, where its parts stand, and what is said of texts that are none."""

from __future__ import annotations

import time
from datetime import date

import pytest
import yaml

from reconciler.language import yaml_documents
from reconciler.language.yaml_documents import dump, load
from reconciler.language.yaml_nodes import Mapping, Plain, Scalar, plain
from reconciler.model.diagnostic import Diagnostic, EnvformError


def problems(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(EnvformError) as caught:
        load(text, "file.yaml")
    return caught.value.diagnostics


def places(text: str) -> list[tuple[int, int, str]]:
    found = []
    for item in problems(text):
        assert item.subject is not None
        found.append((item.subject.start.line, item.subject.start.column, item.summary))
    return found


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\nb: [x, 010, yes, 1:30, ~, '5', 1_000, 1.10, 0x1F, .5, -3, +4, 1e3, No, on]\n",
        "base: &b {c: 1, d: 2}\nother: {<<: *b, c: 3, e: 4}\n",
        "x: &x {a: 1}\ny: &y {a: 2, b: 2}\nz: {<<: [*x, *y], c: 3}\n",
        "a: |\n  one\n   two\nb: >-\n  folded\n  text\nc: \"\\u00e9\\n\"\nd: 'it''s'\n",
        "- - a\n  - {b: [c]}\n-\n- ''\n",
        "# only a comment\n",
        "\r\n a: b\r\n c: |\r\n  d\r\n",
        "!!str 5: !!int '6'\n",
        '? "quoted key"\n: value\n"<<": not merged\n',
    ],
)
def test_values_are_those_of_a_safe_load(text: str) -> None:
    expected = yaml.safe_load(text)
    assert plain(load(text, "file.yaml")) == expected


def test_dates_and_keys_are_read_as_they_are_written() -> None:
    text = "released: 2022-02-03\n1: one\nyes: two\n"
    assert plain(load(text, "file.yaml")) == {"released": "2022-02-03", "1": "one", "yes": "two"}
    assert yaml.safe_load(text)["released"] == date(2022, 2, 3)


def test_a_scalar_keeps_how_it_was_written() -> None:
    root = load("[1.10, 010, 1:30, 1_000, yes, '1.10']", "file.yaml").root
    assert not isinstance(root, Scalar | Mapping)
    assert root is not None
    texts = [(item.text, item.kind) for item in root.items if isinstance(item, Scalar)]
    assert texts == [
        ("1.10", "float"),
        ("010", "int"),
        ("1:30", "int"),
        ("1_000", "int"),
        ("yes", "bool"),
        ("1.10", "str"),
    ]


def test_the_place_of_a_path_is_known() -> None:
    document = load("\ufeffa:\n  - b\n  - c: 'd'  # why\n", "file.yaml")
    place = document.range("a", 1, "c")
    assert (place.start.line, place.start.column, place.end.column) == (3, 8, 11)
    assert document.range("a", 7, "nothing") == document.range("a")
    assert document.place("a", 0).snippet.code == "  - b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\n\tb: 2", (2, 1, "Invalid YAML")),
        ("a: b: c", (1, 5, "Invalid YAML")),
        ("a: 'x\nb: 1\n", (1, 4, "Invalid YAML")),
        ("a: [1, 2\nb: 3", (1, 4, "Invalid YAML")),
        ("a: @x", (1, 4, "Invalid YAML")),
        ("a: \x00", (1, 4, "Invalid YAML")),
        ("- a\nb: c\n", (2, 1, "Invalid YAML")),
        ("a: *x", (1, 4, "Invalid YAML alias")),
        ("a: &x [*x]", (1, 8, "Invalid YAML alias")),
        ("a: 1\n---\nb: 2\n", (2, 1, "Several YAML documents")),
        ("a: !!python/object:os.system x", (1, 4, "Unsupported YAML tag")),
        ("a: !Ref x", (1, 4, "Unsupported YAML tag")),
        ("? [a]\n: b", (1, 3, "Invalid YAML key")),
        ("a: {<<: 5}", (1, 9, "Invalid YAML merge")),
        ("a: {{b}}", (1, 5, "Template in YAML")),
        ("a: {{b}}/c:d\ne: f", (1, 4, "Template in YAML")),
        ("a: 0b_", (1, 4, "Invalid YAML value")),
    ],
)
def test_a_mistake_is_told_at_its_place(text: str, expected: tuple[int, int, str]) -> None:
    (found,) = places(text)
    assert found[0] == expected[0]
    assert found[2] == expected[2]
    assert abs(found[1] - expected[1]) <= 1


def test_the_words_are_ours_whichever_scanner_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: [1\nb: 2"
    (first,) = problems(text)
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    (second,) = problems(text)
    assert first == second
    assert "never closed" in first.detail


def test_every_duplicate_key_is_told_with_the_line_of_the_first() -> None:
    first, second = problems("a: 1\nb: {c: 1,\n    c: 2}\na: 2\n")
    assert [item.summary for item in (first, second)] == ["Duplicate YAML key"] * 2
    assert "`c` stands in this mapping on line 2" in first.detail
    assert "`a` stands in this mapping on line 1" in second.detail


def test_bombs_are_refused_at_once() -> None:
    lists = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    merges = "a0: &a0 {k0: 1}\n" + "".join(
        f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 30)}], k{n}: 1}}\n" for n in range(1, 400)
    )
    texts = "a: &a '" + "x" * 1_000_000 + "'\nb: [" + ", ".join(["*a"] * 200) + "]\n"
    began = time.process_time()
    for bomb in (lists, merges, texts):
        assert [summary for _, _, summary in places(bomb)] == ["YAML document too large"]
    assert time.process_time() - began < 3


def test_nesting_is_limited_also_through_aliases() -> None:
    deep = "[" * 99 + "]" * 99
    assert load(f"a: {deep}", "file.yaml").root is not None
    assert places(f"a: [{deep}]")[0][2] == "Nested too deeply"
    assert places(f"a: &a {deep}\nb: [*a]")[0][2] == "Nested too deeply"


def test_a_text_that_is_too_large_is_refused_before_it_is_read() -> None:
    (found,) = problems("#" * (yaml_documents.MAXIMUM_CHARACTERS + 1))
    assert found.summary == "Configuration file too large"


def test_what_is_dumped_is_loaded_again() -> None:
    value: Plain = {
        "version": "1.10",
        "yes": "no",
        "list": ["010", 1, 1.5, True, None, "é\nü", ""],
        "empty": {},
        "none": [],
    }
    assert plain(load(dump(value), "file.yaml")) == value


@pytest.mark.parametrize("text", ["08", "1e3", "-1.5E-3", "12e07", "0o17", ".5e1", "1.10", "yes", "1:30"])
def test_texts_that_some_reader_takes_for_something_else_are_quoted(text: str) -> None:
    assert dump({"v": text}) == f"v: '{text}'\n"


@pytest.mark.parametrize("text", ["1.2.3", "a8", "e3", "sha256:08", "0x"])
def test_others_are_not(text: str) -> None:
    assert dump({"v": text}) == f"v: {text}\n"


@pytest.mark.parametrize(
    "text", ["a: b\t\n", "a:\tb\n", "a: b\tc\n", "a: [b,\tc]\n", "a: 'b'\t# c\n", "a: |\n  x\nb: c\t\n"]
)
def test_a_tab_between_values_is_refused_as_other_readers_do(text: str) -> None:
    with pytest.raises(EnvformError) as caught:
        load(text, "x.yml")
    (found,) = caught.value.diagnostics
    assert "tab" in found.detail
    assert found.subject is not None
    assert text.split("\n")[found.subject.start.line - 1][found.subject.start.column - 1] == "\t"


@pytest.mark.parametrize("text", ["a: 'x\ty'\n", "a: |\n  x\ty\n", "a: b # x\ty\n", "#\t\na: b\n", 'a: "x\ty" #\t\n'])
def test_a_tab_in_quotes_blocks_and_comments_is_a_tab(text: str) -> None:
    assert load(text, "x.yml").root is not None
