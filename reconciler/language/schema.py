"""Which blocks there are, and which arguments each of them takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Wanted(Enum):
    """What an argument's value must be, once numbers and bools have become strings where strings are wanted."""

    STRING = "a string"
    QUOTED = "a string in quotes"
    STRINGS = "an object whose values are strings"


@dataclass(frozen=True, slots=True)
class ArgumentRule:
    """What one argument takes; null is the same as leaving it out."""

    wanted: Wanted
    required: bool = False


@dataclass(frozen=True, slots=True)
class BlockRule:
    """What one kind of block is made of; `example` is what messages tell users to write."""

    type: str
    labels: tuple[str, ...]
    arguments: Mapping[str, ArgumentRule]
    example: str

    @property
    def indented_example(self) -> str:
        """The example as it stands in the detail of a diagnostic."""
        return "\n".join(f"    {line}" for line in self.example.split("\n"))


ENVFORM = BlockRule(
    type="envform",
    labels=(),
    arguments={
        "registry": ArgumentRule(Wanted.STRING, required=True),
        "workspace": ArgumentRule(Wanted.STRING),
    },
    example='envform {\n  registry = "oci:./registry"\n}',
)

ENVIRONMENT = BlockRule(
    type="environment",
    labels=("name",),
    arguments={
        "name": ArgumentRule(Wanted.STRING),
        "version": ArgumentRule(Wanted.QUOTED),
        "description": ArgumentRule(Wanted.STRING),
        "tags": ArgumentRule(Wanted.STRINGS),
        "image": ArgumentRule(Wanted.STRING, required=True),
        "platform": ArgumentRule(Wanted.STRING),
    },
    example='environment "training" {\n  image = "docker.io/library/python:3.12-slim"\n}',
)

BLOCKS = {rule.type: rule for rule in (ENVFORM, ENVIRONMENT)}
