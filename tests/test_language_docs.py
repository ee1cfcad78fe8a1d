"""docs/language.md: every project in it is valid, and it names every word of the language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.cli.commands import TABLE
from reconciler.language.azureml.documents import OWN
from reconciler.language.functions.impure import impure_names
from reconciler.language.functions.table import names
from reconciler.language.schema import BlockRule
from reconciler.language.vocabulary import BLOCKS
from tests.cli.terminal import Envform

DOCUMENT = (Path(__file__).parent.parent / "docs" / "language.md").read_text(encoding="utf-8")
# The word behind the language is PROJECT/FILE; files of one project are put together.
FENCED = re.findall(r"^```(\w+)[ ]?(\S*)\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
PROJECTS = sorted({path.partition("/")[0] for _, path, _ in FENCED})
CODE = set(re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", DOCUMENT, flags=re.MULTILINE | re.DOTALL)))


@pytest.fixture
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The project of this name as the document has it."""
    for _, path, text in FENCED:
        project, _, name = path.partition("/")
        if project == request.param:
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("folder", PROJECTS, indirect=True)
def test_a_project_in_the_document_is_valid_and_has_nothing_to_warn_of(folder: Path, envform: Envform) -> None:
    result = envform("validate", "-strict", cwd=folder)
    assert (result.exit_code, result.stderr) == (0, "")
    assert envform("fmt", "-check", cwd=folder).exit_code == 0


def test_every_block_of_code_in_the_document_belongs_to_a_project() -> None:
    assert [text for _, path, text in FENCED if "/" not in path] == []
    assert {language for language, _, _ in FENCED} == {"hcl", "yaml", "text"}


def _words(rules: Iterator[BlockRule]) -> Iterator[str]:
    for rule in rules:
        yield from (rule.type, *(rule.arguments or ()))
        yield from _words(iter(rule.blocks.values()))


def test_the_document_names_every_block_and_every_argument() -> None:
    assert sorted(set(_words(iter(BLOCKS.values()))) - CODE) == []


def test_every_argument_and_block_of_an_environment_has_a_row_of_its_own() -> None:
    section = DOCUMENT.partition("## The environment block")[2].partition("\n## ")[0]
    heads = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (.*?) \|", section, re.MULTILINE))))
    assert heads == {*(BLOCKS["environment"].arguments or ()), *BLOCKS["environment"].blocks}


def test_the_document_names_every_function_and_every_one_that_is_refused() -> None:
    assert sorted((names() | impure_names()) - CODE) == []


def test_the_document_names_every_field_of_an_azure_ml_environment() -> None:
    section = DOCUMENT.partition("## Azure ML documents")[2].partition("\n## ")[0]
    assert [field for field in OWN if f"`{field}`" not in section] == []


def test_the_document_names_every_command() -> None:
    section = DOCUMENT.partition("## Commands")[2].partition("\n## ")[0]
    shown = [name for name, entry in TABLE.items() if not entry.hidden]
    assert [name for name in shown if f"`{name}`" not in section and f"`envform {name}`" not in section] == []


def test_the_document_lists_no_function_that_does_not_exist() -> None:
    section = DOCUMENT.partition("The others, also as")[2].partition("What is stricter")[0]
    assert set(re.findall(r"`([^`]+)`", section)) - {"core::NAME"} == names()
