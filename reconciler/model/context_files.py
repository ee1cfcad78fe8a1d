"""Which files of a folder a build is given, and which it is not."""

from __future__ import annotations

from reconciler.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Counted:
    """A file that is sent, and that the hash covers."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file, or a folder with so many files in it, and the line of the ignore file that says so."""

    path: str
    size: int
    files: int
    line: int
    pattern: str


@dataclass(frozen=True, slots=True)
class ContextFiles:
    """All files of a build context; `ignore_file` is empty where there is none."""

    path: str
    counted: tuple[Counted, ...]
    left_out: tuple[LeftOut, ...]
    ignore_file: str
