"""Which files of a project are meant for envform, by their names and by what they say of themselves."""

from __future__ import annotations

import re

_YAML = (".yaml", ".yml")
_OURS = (".envform.yaml", ".envform.yml")
_DECLARED = re.compile(
    r"""^["']?\$schema["']?\s*:\s*["']?[^\s"']*environment\.schema\.json[#?]?["']?\s*(?:\#.*)?$""", re.MULTILINE
)
_ASSET_TYPE = re.compile(r"""^type:\s*["']?environment["']?\s*(?:\#.*)?$""", re.MULTILINE)
_ASSET_SPECIFICATION = re.compile(r"""^spec:\s*["']?([^\s"'#]+)["']?\s*(?:\#.*)?$""", re.MULTILINE)
_ASSETS = ("asset.yaml", "asset.yml")


def is_yaml(name: str) -> bool:
    """Whether a file is YAML by its name."""
    return name.lower().endswith(_YAML)


def is_ours(name: str) -> bool:
    """Whether a YAML file holds our own blocks, by its name."""
    return name.lower().endswith(_OURS)


def declares_environment(text: str) -> bool:
    """Whether a YAML text says of itself, at its top level, that it is an Azure ML environment."""
    return "environment.schema.json" in text and _DECLARED.search(text.removeprefix("\ufeff")) is not None


def specification_of(name: str, text: str) -> str:
    """The file that an `asset.yaml` of a curated environment names; that file is read through it, not on its own."""
    if name.rpartition("/")[2].lower() not in _ASSETS or not _ASSET_TYPE.search(text):
        return ""
    found = _ASSET_SPECIFICATION.search(text)
    return name.rpartition("/")[0] + "/" * ("/" in name) + found[1] if found else ""
