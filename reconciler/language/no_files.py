"""For configurations that are texts without a folder: every file is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NoReturn

from reconciler.language.files import TreeEntry
from reconciler.language.span import RefusedError
from reconciler.model.digest import Digest


class NoFiles:
    """The files of a project that has none."""

    def content(self, name: str) -> bytes:
        """Refused."""
        return _refuse(name)

    def text(self, name: str) -> str:
        """Refused."""
        return _refuse(name)

    def digest(self, name: str) -> Digest:
        """Refused."""
        return _refuse(name)

    def kind(self, name: str) -> Literal["file", "folder"] | None:
        """Refused: whether it is there cannot be told."""
        return _refuse(name)

    def tree(self, folder: str) -> Sequence[TreeEntry]:
        """Refused."""
        return _refuse(folder)


def _refuse(name: str) -> NoReturn:
    raise RefusedError(
        "No such file", f"`{name}` cannot be read: this configuration was given without a project folder."
    )
