"""What a run gives to a configuration from outside of its own files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from reconciler.model.frozen import dataclass

VARIABLES = (".vars.hcl", ".vars.json")
MAIN = ("envform.vars.hcl", "envform.vars.json")

_AUTOMATIC = (".auto.vars.hcl", ".auto.vars.json")


def is_variable_file(name: str) -> bool:
    """Whether a file of this name in the project's folder gives values without being asked for."""
    return name in MAIN or (name.endswith(_AUTOMATIC) and not name.startswith("."))


@dataclass(frozen=True, slots=True)
class VariableText:
    """`-var NAME=TEXT`."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class VariableFile:
    """`-var-file=NAME`, with what is in it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """Variables from wherever they may come, and the version of envform that runs.

    `environment` is that of the process. `files` are variable files that are read without being asked for, by name;
    `given` is what was asked for, in order: later ones win. `workspace` wins over what the configuration says.
    `curated` are the texts of environments that come with envform, by name; `bases` is its table of images.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    given: Sequence[VariableText | VariableFile] = ()
    version: str = ""
    workspace: str = ""
    curated: Mapping[str, str] = field(default_factory=dict)
    bases: str = ""


NO_INPUTS = Inputs()
