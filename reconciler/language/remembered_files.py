"""Files with the same face that are read once: a thousand environments may share a requirements file or a context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from reconciler.language.files import Files, TreeEntry
from reconciler.model.digest import Digest


@dataclass(frozen=True, slots=True, eq=False)
class RememberedFiles:
    """What was answered once is answered again; what was refused is asked for again. Equal to nothing but itself."""

    inner: Files
    texts: dict[str, str] = field(default_factory=dict)
    digests: dict[str, Digest] = field(default_factory=dict)
    kinds: dict[str, Literal["file", "folder"] | None] = field(default_factory=dict)
    trees: dict[str, Sequence[TreeEntry]] = field(default_factory=dict)

    def content(self, name: str) -> bytes:
        """The bytes of a file, read each time: they may be many."""
        return self.inner.content(name)

    def text(self, name: str) -> str:
        """The text of a file."""
        if name not in self.texts:
            self.texts[name] = self.inner.text(name)
        return self.texts[name]

    def digest(self, name: str) -> Digest:
        """What a file hashes to."""
        if name not in self.digests:
            self.digests[name] = self.inner.digest(name)
        return self.digests[name]

    def kind(self, name: str) -> Literal["file", "folder"] | None:
        """What is under a name."""
        if name not in self.kinds:
            self.kinds[name] = self.inner.kind(name)
        return self.kinds[name]

    def tree(self, folder: str) -> Sequence[TreeEntry]:
        """All that lies below a folder."""
        if folder not in self.trees:
            self.trees[folder] = self.inner.tree(folder)
        return self.trees[folder]
