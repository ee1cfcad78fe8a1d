"""What a definition was read from, piece by piece with its place: for rules that look closer than hashing does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

from reconciler.language.definition.conda import CondaFile
from reconciler.language.definition.finding import Where
from reconciler.language.definition.requirement import Requirement
from reconciler.model.diagnostic import Place
from reconciler.model.frozen import dataclass

At = Callable[[], Place | None]


@dataclass(slots=True)
class Noted:
    """`images` are those that stages of a Dockerfile stand on; `texts` are the files that were read, by name."""

    conda: tuple[CondaFile, Where] | None = None
    requirements: list[tuple[Requirement, At]] = field(default_factory=list)
    images: list[tuple[str, At]] = field(default_factory=list)
    dockerfiles: list[tuple[str, At]] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
