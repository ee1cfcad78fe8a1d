"""What rules look at: one environment's images, Python versions and packages, each with its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

from reconciler.model.diagnostic import Place
from reconciler.model.frozen import dataclass

Where = Callable[[], Place | None]


@dataclass(frozen=True, slots=True)
class Stated:
    """A text that somebody wrote somewhere; where, is only worked out when it must be shown."""

    text: str
    where: Where


@dataclass(frozen=True, slots=True)
class Package:
    """One package as it was asked for; `versioned` tells whether that says anything of its version."""

    name: str
    stated: Stated
    versioned: bool


@dataclass(frozen=True, slots=True)
class CondaFacts:
    """A conda specification; `pythons` are the versions that it gives for `python`, empty ones too."""

    where: Where
    has_channels: bool
    has_pip_list: bool
    pythons: tuple[Stated, ...]
    pips: tuple[Package, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """One environment: `images` are its base and those that its Dockerfile begins with.

    `others` are the addresses of environments of which all of this is true too.
    """

    address: str
    images: tuple[Stated, ...] = ()
    dockerfiles: tuple[Stated, ...] = ()
    python: Stated | None = None
    conda: CondaFacts | None = None
    packages: tuple[Package, ...] = ()
    others: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that was broken, and where."""

    rule: str
    where: Where
    detail: str
    hint: str = ""
