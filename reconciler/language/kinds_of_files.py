"""Which files of a project are meant for envform, by their names and by what they say of themselves."""

from __future__ import annotations

import re

from reconciler.language.yaml_nodes import Mapping, Scalar
from reconciler.model.diagnostic import EnvformError
from reconciler.model.pattern import lazy_pattern

_YAML = (".yaml", ".yml")
_OURS = (".envform.yaml", ".envform.yml")
_LARGEST_GUESS = 1_000_000  # who writes more than that by hand begins a line with `$schema`
_SCHEMA = "environment.schema.json"
_DECLARED = lazy_pattern(
    r"""^["']?\$schema["']?\s*:\s*["']?[^\s"']*environment\.schema\.json[#?]?["']?\s*(?:\#.*)?$""", re.MULTILINE
)
_ASSETS = ("asset.yaml", "asset.yml")


def is_yaml(name: str) -> bool:
    """Whether a file is YAML by its name."""
    return name.lower().endswith(_YAML)


def is_ours(name: str) -> bool:
    """Whether a YAML file holds our own blocks, by its name."""
    return name.lower().endswith(_OURS)


def declares_environment(text: str) -> bool:
    """Whether a YAML text says of itself, at its top level, that it is an Azure ML environment."""
    if _SCHEMA not in text:
        return False
    if _DECLARED.search(text.removeprefix("\ufeff")):
        return True
    schema = _root(text).get("$schema") if len(text) <= _LARGEST_GUESS else None
    return isinstance(schema, Scalar) and schema.text.rstrip("#?").endswith(_SCHEMA)


def specification_of(name: str, text: str) -> str:
    """The file that an `asset.yaml` of a curated environment names; that file is read through it, not on its own."""
    if name.rpartition("/")[2].lower() not in _ASSETS or "environment" not in text:
        return ""
    root = _root(text)
    kind, specification = root.get("type"), root.get("spec")
    if not isinstance(kind, Scalar) or kind.text != "environment" or not isinstance(specification, Scalar):
        return ""
    return name.rpartition("/")[0] + "/" * ("/" in name) + specification.text


def _root(text: str) -> Mapping:
    """The mapping that a text holds; an empty one where it holds none, or is no YAML: others may have use for it."""
    from reconciler.language.yaml_documents import load

    try:
        root = load(text, "").root
    except EnvformError:
        root = None
    return root if isinstance(root, Mapping) else Mapping(0, 0, ())
