"""Writes an environment as an Azure ML document, in the order in which Azure's own documents have their fields."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.language.yaml_documents import dump
from reconciler.language.yaml_nodes import Plain

SCHEMA = "https://azuremlschemas.azureedge.net/latest/environment.schema.json"
_ORDER = (
    "name",
    "version",
    "description",
    "tags",
    "image",
    "conda_file",
    "build",
    "os_type",
    "inference_config",
)


def dump_environment(fields: Mapping[str, Plain]) -> str:
    """The document that is read back as just these fields."""
    document: dict[str, Plain] = {"$schema": SCHEMA}
    document.update({name: fields[name] for name in _ORDER if fields.get(name) is not None})
    return dump(document)
