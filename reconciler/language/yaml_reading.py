"""Which kind of YAML a project's file is, and the blocks in it."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.language import nodes, yaml_blocks
from reconciler.language.azureml import assets, documents
from reconciler.language.azureml import blocks as azureml_blocks
from reconciler.language.files import Files
from reconciler.language.passage import Passage
from reconciler.language.yaml_documents import load
from reconciler.language.yaml_nodes import Mapping
from reconciler.model.diagnostic import Diagnostics, EnvformError

_SUFFIXES = (".yaml", ".yml")
_OURS = (".envform.yaml", ".envform.yml")


@dataclass(frozen=True, slots=True)
class Reading:
    """The blocks of one file; `types` are those of all blocks, the broken ones too, or None when nobody can tell."""

    passage: Passage
    items: tuple[nodes.Argument | nodes.Block, ...]
    types: frozenset[str] | None


def is_yaml(filename: str) -> bool:
    """Whether a file is YAML by its name."""
    return filename.lower().endswith(_SUFFIXES)


def is_ours(filename: str) -> bool:
    """Whether a YAML file holds our own blocks by its name."""
    return filename.lower().endswith(_OURS)


def belongs(filename: str, text: str) -> bool:
    """Whether a YAML file of the project's folder is meant for us; all others are left alone."""
    return is_ours(filename) or documents.declares_environment(text)


def read(filename: str, text: str, files: Files, problems: Diagnostics) -> Reading | None:
    """The blocks that a YAML file declares; what is wrong with it is added to the problems."""
    try:
        document = load(text, filename)
    except EnvformError as error:
        problems.extend(error.diagnostics)
        return None
    if is_ours(filename):
        root = document.root
        types = frozenset(key.text for key, _ in root.items) if isinstance(root, Mapping) else frozenset[str]()
        return Reading(document.passage, yaml_blocks.parse(document, problems).items, types)
    if assets.is_asset(document):
        parsed = assets.parse_asset(document, files, problems)
        return Reading(parsed[0].passage, parsed[1].items, frozenset()) if parsed else None
    body = azureml_blocks.parse(document, files, problems)
    return Reading(document.passage, body.items, frozenset())
