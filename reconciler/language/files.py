"""How expressions and blocks look at the project's files; only source.py really opens any."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """What lies at one place below a folder; a link has a target and is never followed.

    `special` are named pipes, sockets and devices: nothing that could be sent, but no mistake where nobody wants it.
    """

    name: str
    kind: Literal["file", "folder", "link", "special"]
    executable: bool = False
    size: int = 0
    target: str = ""


class Files(Protocol):
    """The files below a project's root, by names relative to it with `/` between their parts.

    Every method raises RefusedError where it cannot do what it is asked, and for whatever lies outside of the root.
    """

    def content(self, name: str) -> bytes:
        """The bytes of a file of reasonable size."""

    def text(self, name: str) -> str:
        """The text of a UTF-8 file, without its byte order mark."""

    def digest(self, name: str) -> Digest:
        """What a file's bytes hash to, however large it is."""

    def kind(self, name: str) -> Literal["file", "folder"] | None:
        """What is under this name, links followed; None: nothing."""

    def tree(self, folder: str) -> Sequence[TreeEntry]:
        """All that lies below a folder, sorted by name, names relative to the folder."""
