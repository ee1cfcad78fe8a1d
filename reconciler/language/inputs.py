"""What a run gives to a configuration from outside of its own files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


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
    `given` is what was asked for, in order: later ones win.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    given: Sequence[VariableText | VariableFile] = ()
    version: str = ""


NO_INPUTS = Inputs()
