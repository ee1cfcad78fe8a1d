"""`# envform:ignore RULE` counts on its line or the next, and does not outlive its reason."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from reconciler.language.ignores import without_ignored
from reconciler.language.passage import Document, Passage
from reconciler.model.diagnostic import Diagnostic, Severity


def at(text: str, marked: str, rule: str = "dep-unpinned", name: str = "main.hcl") -> Diagnostic:
    start = text.index(marked)
    place = Passage(Document(name, text)).place(start, start + len(marked))
    return Diagnostic(Severity.WARNING, "Unpinned dependency", rule=rule).at(place)


def left(found: list[Diagnostic], texts: Mapping[str, str]) -> list[tuple[int, str]]:
    told = without_ignored(found, texts)
    return [(item.subject.start.line if item.subject else 0, item.summary) for item in told]


def of(text: str, marked: str = "numpy", rule: str = "dep-unpinned") -> list[tuple[int, str]]:
    return left([at(text, marked, rule)], {"main.hcl": text})


@pytest.mark.parametrize(
    "text",
    [
        "numpy # envform:ignore dep-unpinned",
        "numpy // envform:ignore dep-unpinned",
        "numpy  #envform:ignore dep-unpinned",
        "numpy # envform:ignore: dep-unpinned",
        "numpy # envform:ignore dep-unpinned because it is only a demo",
        "# envform:ignore dep-unpinned\nnumpy",
        "  # envform:ignore dep-unpinned: a demo\n  # and more about it\n\n  numpy",
        "# envform:ignore dep-unpinned\r\nnumpy\r\n",
        "x\n// envform:ignore dep-unpinned\n\tnumpy\ny",
    ],
)
def test_nothing_is_told_where_a_rule_is_ignored(text: str) -> None:
    assert of(text) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("scipy # envform:ignore dep-unpinned\nnumpy", 1),
        ("# envform:ignore dep-unpinned\nscipy\nnumpy", 1),
        ("numpy\n# envform:ignore dep-unpinned", 2),
        ("numpy\n# envform:ignore dep-unpinned\n", 2),
    ],
)
def test_an_ignore_counts_for_one_line_and_says_so_when_it_does_nothing(text: str, line: int) -> None:
    number = text.split("\n").index("numpy") + 1
    assert sorted(of(text)) == sorted([(number, "Unpinned dependency"), (line, "Ignore without effect")])


def test_one_comment_may_name_several_rules() -> None:
    text = "# envform:ignore base-unpinned, dep-unpinned\nnumpy"
    assert left([at(text, "numpy", "dep-unpinned"), at(text, "numpy", "base-unpinned")], {"main.hcl": text}) == []
    assert of(text) == [(1, "Ignore without effect")]


def test_other_rules_and_problems_without_a_rule_stay() -> None:
    text = "numpy # envform:ignore dep-unpinned"
    found = [at(text, "numpy"), at(text, "numpy", "base-unpinned"), at(text, "numpy", "")]
    assert left(found, {"main.hcl": text}) == [(1, "Unpinned dependency"), (1, "Unpinned dependency")]


def test_files_are_told_apart() -> None:
    texts = {"main.hcl": "x\n", "req.txt": "numpy # envform:ignore dep-unpinned\n"}
    assert left([at(texts["req.txt"], "numpy", name="req.txt")], texts) == []
    assert left([at("numpy", "numpy", name="other.txt")], texts) == [
        (1, "Unpinned dependency"),
        (1, "Ignore without effect"),
    ]


def test_a_rule_that_does_not_exist_is_guessed() -> None:
    (told,) = without_ignored([], {"main.hcl": "# envform:ignore dep-unpined\n"})
    assert (told.severity, told.summary, told.hint) == (
        Severity.WARNING,
        "Unknown lint rule",
        "did you mean `dep-unpinned`?",
    )


def test_an_ignore_must_name_a_rule() -> None:
    (told,) = without_ignored([], {"main.hcl": "numpy # envform:ignore\n"})
    assert told.summary == "Ignore without a rule"


@pytest.mark.parametrize(("rule", "why"), [("docker-none", "stops everything"), ("r-deprecated", "cannot be broken")])
def test_what_nobody_can_ignore_is_said(rule: str, why: str) -> None:
    (told,) = without_ignored([], {"main.hcl": f"# envform:ignore {rule}\n"})
    assert why in told.detail


@pytest.mark.parametrize("text", ["x#envform:ignore dep-unpinned", "envform:ignore dep-unpinned", "# envform: ignore"])
def test_what_is_no_such_comment_is_left_alone(text: str) -> None:
    assert without_ignored([], {"main.hcl": text}) == ()
