"""The ignore files that count for Azure ML's hash; its vectors are in tests/corpus."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from reconciler.language.definition.azure_hash import upload_hash
from reconciler.language.definition.git_patterns import is_ignored, parse_patterns
from reconciler.language.source import ProjectFiles
from reconciler.language.span import RefusedError
from tests.language.definition.texts import Texts


@pytest.mark.parametrize(
    ("rules", "path", "gone"),
    [
        ("*.log", "d/a.log", True), ("*.log\n!keep.log", "keep.log", False), ("build/", "build", False),
        ("build/", "d/build/x", True), ("/root", "d/root", False), ("a/**/b", "a/c/d/b", True), ("[!a]z", "az", False),
        ("# c\n\n\\#x", "#x", True), ("**", "a/b", True), ("d/*", "d/a/b", True), ("*.[oa]", "x.o", True),
        ("*\n!a\n", "a", False), ("!a\n*\n", "a", True), ("d\n!d/keep\n", "d/keep", False), ("**/", "a", False),
        ("**/", "d/a", True), ("[^a]", "^", True), ("[^a]", "b", False), ("a\u2028b", "a\u2028b", True),
        ("a/**", "a", False), ("a/**/b/**/c", "a/x/b/c/d", True), ("*a*b*c", "xaxbxc", True), ("***", "x", True),
        ("*a*b*c", "xaxcxb", False),
    ],
)  # fmt: skip
def test_patterns_of_git(rules: str, path: str, gone: bool) -> None:
    assert is_ignored(path, parse_patterns(rules)) is gone


def test_one_ignore_file_counts_and_only_at_the_top() -> None:
    both = {".amlignore": "a\n", ".gitignore": "b\n", "a": "1", "b": "1", "s/.gitignore": "c\n", "s/c": "1"}
    assert upload_hash(Texts({**both, "a": "2"}), ".") == upload_hash(Texts(both), ".")
    assert upload_hash(Texts({**both, "b": "2"}), ".") != upload_hash(Texts(both), ".")
    assert upload_hash(Texts({**both, "s/c": "2"}), ".") != upload_hash(Texts(both), ".")


@pytest.mark.parametrize("rules", ["!", "a\\", "[z-a]"])
def test_a_pattern_at_which_azures_client_gives_up_is_told(rules: str) -> None:
    with pytest.raises(RefusedError) as refused:
        parse_patterns(f"ok\n{rules}\n")
    assert rules in refused.value.detail


@pytest.mark.parametrize("rules", ["*a" * 40 + "b", "a/**/" * 40 + "x", "?*" * 60 + "b"])
def test_no_pattern_takes_long(rules: str) -> None:
    began = time.process_time()
    for path in ("a" * 250, "/".join(["a"] * 120)):
        assert is_ignored(path, parse_patterns(rules)) is False
    assert time.process_time() - began < 1


def test_a_link_counts_as_what_it_leads_to(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / "d").mkdir(parents=True)
        (tmp_path / name / "d" / "x").write_text("1")
    (tmp_path / "one" / "l").symlink_to("d")
    (tmp_path / "two" / "l").mkdir()
    (tmp_path / "two" / "l" / "x").write_text("1")
    files = ProjectFiles(tmp_path)
    assert upload_hash(files, "one") == upload_hash(files, "two")
    (tmp_path / "one" / "loop").symlink_to(".")
    with pytest.raises(RefusedError, match="Invalid build context"):
        upload_hash(files, "one")
