"""The ignore files that count for Azure ML's hash; its vectors are in tests/corpus."""

from __future__ import annotations

import pytest

from reconciler.language.definition.azure_hash import upload_hash
from reconciler.language.definition.git_patterns import is_ignored, parse_patterns
from tests.language.definition.texts import Texts


@pytest.mark.parametrize(
    ("rules", "path", "gone"),
    [
        ("*.log", "d/a.log", True), ("*.log\n!keep.log", "keep.log", False), ("build/", "build", False),
        ("build/", "d/build/x", True), ("/root", "d/root", False), ("a/**/b", "a/c/d/b", True), ("[!a]z", "az", False),
        ("# c\n\n\\#x", "#x", True), ("**", "a/b", True), ("d/*", "d/a/b", True), ("*.[oa]", "x.o", True),
    ],
)  # fmt: skip
def test_patterns_of_git(rules: str, path: str, gone: bool) -> None:
    assert is_ignored(path, parse_patterns(rules)) is gone


def test_one_ignore_file_counts_and_only_at_the_top() -> None:
    both = {".amlignore": "a\n", ".gitignore": "b\n", "a": "1", "b": "1", "s/.gitignore": "c\n", "s/c": "1"}
    assert upload_hash(Texts({**both, "a": "2"}), ".") == upload_hash(Texts(both), ".")
    assert upload_hash(Texts({**both, "b": "2"}), ".") != upload_hash(Texts(both), ".")
    assert upload_hash(Texts({**both, "s/c": "2"}), ".") != upload_hash(Texts(both), ".")
