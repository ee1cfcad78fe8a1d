"""What an engine is to build, ready to be sent: a Dockerfile, the files beside it, and the images it stands on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import BinaryIO, Literal

from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Foundation:
    """An image after a FROM: the line of the instruction, counted from 1, what is written, and what that means.

    `digest` is None where nobody could say what the reference leads to; `platform` is empty for that of the build. One
    that `is_copied` stands behind `--from=` or in a mount, and nothing is built on it.
    """

    line: int
    written: str
    reference: str
    digest: Digest | None = None
    platform: str = ""
    is_copied: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """One entry of a build context. A file has content, and what that must hash to; a link has a target."""

    name: str
    kind: Literal["file", "folder", "link"]
    executable: bool = False
    size: int = 0
    target: str = ""
    digest: str = ""
    open: Callable[[], BinaryIO] | None = None


@dataclass(frozen=True, slots=True)
class Blueprint:
    """One build. `files` are in their order and hold the Dockerfile too, whose text here is what counts."""

    dockerfile: str
    name: str = "Dockerfile"
    foundations: tuple[Foundation, ...] = ()
    files: Iterable[Sent] = ()
    arguments: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
