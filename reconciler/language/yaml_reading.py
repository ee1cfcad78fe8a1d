"""Which kind of YAML a project's file is, and the blocks in it."""

from __future__ import annotations

from reconciler.language import nodes, yaml_blocks
from reconciler.language.azureml import assets
from reconciler.language.azureml import blocks as azureml_blocks
from reconciler.language.files import Files
from reconciler.language.kinds_of_files import is_ours
from reconciler.language.passage import Passage
from reconciler.language.yaml_documents import load
from reconciler.language.yaml_nodes import Mapping
from reconciler.model.diagnostic import Diagnostics, EnvformError
from reconciler.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """The blocks of one file. In `unsound` ones values are missing that could not be read, which was told.

    `types` are those of all blocks, also of broken ones.
    """

    passage: Passage
    items: tuple[nodes.Argument | nodes.Block, ...]
    types: frozenset[str] = frozenset()
    unsound: tuple[nodes.Argument | nodes.Block, ...] = ()


def read(filename: str, text: str, files: Files | None, problems: Diagnostics) -> Reading | None:
    """The blocks that a YAML file declares; what is wrong with it is added to the problems."""
    try:
        document = load(text, filename)
    except EnvformError as error:
        problems.extend(error.diagnostics)
        return None
    if is_ours(filename):
        parsed = yaml_blocks.parse(document, problems)
        root = document.root
        types = frozenset(key.text for key, _ in root.items) if isinstance(root, Mapping) else frozenset[str]()
        return Reading(document.passage, parsed.sound, types, parsed.unsound)
    if files is None:
        raise ValueError("documents name other files: those of the project are needed")
    if assets.is_asset(document):
        asset = assets.parse_asset(document, files, problems)
        return Reading(asset[0].passage, asset[1].items) if asset else None
    body = azureml_blocks.parse(document, files, problems)
    return Reading(document.passage, body.items)
