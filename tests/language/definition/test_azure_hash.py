"""Azure ML's own hashes, where its vectors are at hand."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.language.definition.azure_hash import anonymous_build_version, anonymous_version, upload_hash
from reconciler.language.definition.git_patterns import is_ignored, parse_patterns
from tests.language.definition.corpus import needed, oracle
from tests.language.definition.texts import Texts


@needed
@pytest.mark.parametrize("case", oracle("hash_anonymous"), ids=lambda case: str(case["label"]))
def test_images_with_conda_files(case: dict[str, Any]) -> None:
    given = case["input"]
    found = anonymous_version(given["image"], given.get("conda_file"), given.get("inference_config"))
    assert found == case["version"]


@needed
@pytest.mark.parametrize("case", oracle("hash_context_trees"), ids=lambda case: str(case["label"]))
def test_build_contexts(case: dict[str, Any]) -> None:
    uploaded = upload_hash(Texts(case["files"]), ".")
    assert uploaded == case["upload_hash"]
    assert anonymous_build_version(uploaded, case["dockerfile_path"]) == case["version"]


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
