"""YAML documents that are read one at a time, outside of any project's configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from reconciler.language.azureml.documents import read_document
from reconciler.language.source import ProjectFiles
from reconciler.language.span import RefusedError
from reconciler.language.yaml_documents import load
from reconciler.language.yaml_nodes import Plain, YamlDocument, plain
from reconciler.model.diagnostic import Diagnostic, Diagnostics, EnvformError


def read_environment(root: Path, path: Path, text: str | None = None) -> Mapping[str, Plain]:
    """What an Azure ML document declares, in our words; its paths are seen from the folder `root`.

    Where the `text` is given, nothing need be at `path`.
    """
    name = path.absolute().relative_to(root.absolute()).as_posix()
    document = _document(root, name) if text is None else _loaded(text, name)
    problems = Diagnostics()
    found = read_document(document, name.rpartition("/")[0], ProjectFiles(root), problems)
    problems.check()
    content = plain(found)
    return content if isinstance(content, dict) else {}


def read_mapping(root: Path, name: str) -> Mapping[str, Plain]:
    """The mapping that a document holds."""
    content = plain(_document(root, name))
    if not isinstance(content, dict):
        detail = f"`{name}` holds no mapping from names to values."
        raise EnvformError(Diagnostic.error("Invalid YAML document", detail))
    return content


def _document(root: Path, name: str) -> YamlDocument:
    try:
        text = ProjectFiles(root).text(name)
    except RefusedError as refused:
        raise EnvformError(Diagnostic.error(refused.summary, refused.detail, hint=refused.hint)) from None
    return _loaded(text, name)


def _loaded(text: str, name: str) -> YamlDocument:
    try:
        return load(text, name)
    except RefusedError as refused:
        raise EnvformError(Diagnostic.error(refused.summary, refused.detail, hint=refused.hint)) from None
