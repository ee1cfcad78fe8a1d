"""Reads Azure ML documents from texts, with files beside them."""

from __future__ import annotations

from pathlib import Path

from reconciler.language.azureml.documents import read_document
from reconciler.language.source import ProjectFiles
from reconciler.language.yaml_documents import load
from reconciler.language.yaml_nodes import Plain, plain
from reconciler.model.diagnostic import Diagnostic, Diagnostics, EnvformError, Severity


def read(root: Path, text: str, name: str = "env.yml") -> tuple[Plain, tuple[Diagnostic, ...]]:
    """What a document declares, None when it is refused; and all that was said about it."""
    problems = Diagnostics()
    try:
        found = read_document(load(text, name), name.rpartition("/")[0], ProjectFiles(root), problems)
    except EnvformError as error:
        return None, error.diagnostics
    return plain(found), tuple(problems)


def told(root: Path, text: str, name: str = "env.yml") -> list[tuple[int, str]]:
    """Lines and details of the errors in a document."""
    found, diagnostics = read(root, text, name)
    assert found is None
    errors = [item for item in diagnostics if item.severity is Severity.ERROR]
    return [(item.subject.start.line if item.subject else 0, f"{item.detail}\nhint: {item.hint}") for item in errors]
