"""A verdict is given again as long as nothing has changed that it depends on, and no longer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from reconciler.language.inputs import Inputs, VariableFile, VariableText
from reconciler.language.passage import Document, Passage
from reconciler.language.sealed import seal, unseal
from reconciler.language.source import ProjectFiles
from reconciler.language.span import RefusedError
from reconciler.language.verdicts import Verdict, keep_verdict, recall_verdict, verdict_key
from reconciler.language.watched_files import WatchedFiles
from reconciler.model.diagnostic import Diagnostic, Severity

PLACE = Passage(Document("main.hcl", "größe = 1\n")).place(0, 5, 'environment "a"', (("var.a", 'is "b"'),))
VERDICT = Verdict(
    3,
    (
        Diagnostic(Severity.ERROR, "Summary", "Detail", "hint", "environment.a").at(PLACE),
        Diagnostic(Severity.WARNING, "Other", rule="dep-unpinned"),
    ),
)
TODAY = date(2026, 1, 2)
KEY = verdict_key({"main.hcl": "x"}, Inputs(), TODAY, "tool")


def test_a_verdict_comes_back_as_it_was(tmp_path: Path) -> None:
    assert recall_verdict(keep_verdict(KEY, {}, VERDICT), KEY, ProjectFiles(tmp_path)) == VERDICT


@pytest.mark.parametrize(
    "other",
    [
        verdict_key({"main.hcl": "y"}, Inputs(), TODAY, "tool"),
        verdict_key({"other.hcl": "x"}, Inputs(), TODAY, "tool"),
        verdict_key({"main.hcl": "x", "other.hcl": ""}, Inputs(), TODAY, "tool"),
        verdict_key({"main.hcl": "x"}, Inputs(), date(2026, 1, 3), "tool"),
        verdict_key({"main.hcl": "x"}, Inputs(), TODAY, "other tool"),
        verdict_key({"main.hcl": "x"}, Inputs(environment={"ENVFORM_VAR_a": "b"}), TODAY, "tool"),
        verdict_key({"main.hcl": "x"}, Inputs(files={"envform.vars.hcl": "a = 1"}), TODAY, "tool"),
        verdict_key({"main.hcl": "x"}, Inputs(given=[VariableText("a", "b")]), TODAY, "tool"),
        verdict_key({"main.hcl": "x"}, Inputs(given=[VariableFile("a", "b")]), TODAY, "tool"),
        verdict_key({"main.hcl": "x"}, Inputs(version="1"), TODAY, "tool"),
    ],
)
def test_a_verdict_of_anything_else_is_not_given(other: str, tmp_path: Path) -> None:
    assert other != KEY
    assert recall_verdict(keep_verdict(KEY, {}, VERDICT), other, ProjectFiles(tmp_path)) is None


def test_the_environment_of_other_programs_does_not_matter() -> None:
    assert verdict_key({"main.hcl": "x"}, Inputs(environment={"PATH": "/bin"}), TODAY, "tool") == KEY


def write_text(root: Path) -> None:
    (root / "folder" / "a").write_text("changed")


def remove(root: Path) -> None:
    (root / "folder" / "a").unlink()


def add(root: Path) -> None:
    (root / "missing").write_text("now it is here")


def add_below(root: Path) -> None:
    (root / "folder" / "b").write_text("")


def make_executable(root: Path) -> None:
    (root / "folder" / "a").chmod(0o755)


@pytest.mark.parametrize(
    ("question", "name", "change"),
    [
        ("text", "folder/a", write_text),
        ("content", "folder/a", write_text),
        ("digest", "folder/a", write_text),
        ("text", "folder/a", remove),
        ("kind", "folder/a", remove),
        ("kind", "missing", add),
        ("text", "missing", add),
        ("tree", "folder", add_below),
        ("tree", "folder", make_executable),
        ("tree", "missing", lambda root: (root / "missing").mkdir()),
    ],
)
def test_a_verdict_is_not_given_once_a_file_has_changed(
    question: str, name: str, change: Callable[[Path], None], tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a").write_text("content")
    watched = WatchedFiles(ProjectFiles(tmp_path))
    with suppress(RefusedError):
        getattr(watched, question)(name)
    kept = keep_verdict(KEY, watched.asked, VERDICT)
    assert recall_verdict(kept, KEY, ProjectFiles(tmp_path)) == VERDICT
    change(tmp_path)
    assert recall_verdict(kept, KEY, ProjectFiles(tmp_path)) is None


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"text",
        seal(None),
        seal([KEY]),
        seal({"a": 1}),
        seal([KEY, [["nothing", "a", "b"]], 1, []]),
        seal([KEY, [1], 1, []]),
        seal([KEY, [], "many", []]),
        seal([KEY, [], 1, [["loud", "a", "b", "", "", None, None, ""]]]),
        seal([KEY, [], 1, [[1]]]),
        seal([KEY, [], 1, [["error", "a", "b", "", "", ["f", 1], None, ""]]]),
        keep_verdict(KEY, {}, VERDICT)[:-1],
        keep_verdict(KEY, {}, VERDICT).replace(b"Detail", b"detail"),
    ],
)
def test_what_is_damaged_or_foreign_is_no_verdict(stored: bytes, tmp_path: Path) -> None:
    assert recall_verdict(stored, KEY, ProjectFiles(tmp_path)) is None


def test_what_is_sealed_is_whole_or_nothing() -> None:
    sealed = seal({"a": [1, "ü"]})
    assert unseal(sealed) == {"a": [1, "ü"]}
    for cut in range(len(sealed)):
        assert unseal(sealed[:cut]) is None
