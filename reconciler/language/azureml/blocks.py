"""An Azure ML environment as a block of ours."""

from __future__ import annotations

from reconciler.language import nodes
from reconciler.language.azureml.documents import read_document
from reconciler.language.environment_rule import ENVIRONMENT
from reconciler.language.files import Files
from reconciler.language.yaml_blocks import Translator
from reconciler.language.yaml_nodes import Mapping, Scalar, YamlDocument
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.pattern import lazy_pattern

_NO_LETTER = lazy_pattern(r"[^\w-]")


def parse(document: YamlDocument, files: Files, problems: Diagnostics) -> nodes.Body:
    """The `environment` block that an Azure ML document stands for, with places in the document."""
    folder = document.source.filename.rpartition("/")[0]
    environment = read_document(document, folder, files, problems)
    return block_of(environment, document, problems) if environment else nodes.Body(0, 0, ())


def block_of(environment: Mapping, document: YamlDocument, problems: Diagnostics) -> nodes.Body:
    """The same for an environment that has been read already."""
    name = environment.get("name")
    if not isinstance(name, Scalar):
        raise TypeError("an environment that stands alone has been read with its name")
    label = name.with_text(label_of(name.text))
    translator = Translator(document, problems, templates=False)
    found = translator.blocks(label, Mapping(name.start, name.end, ((label, environment),)), ENVIRONMENT, (), 0)
    return nodes.Body(environment.start, environment.end, tuple(found))


def label_of(name: str) -> str:
    """A label that is as near to a name as labels can be."""
    label = _NO_LETTER.sub("_", name)
    return label if label[:1].isalpha() or label[:1] == "_" else f"_{label}"
