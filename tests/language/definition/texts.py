"""A project's files in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from reconciler.language.definition.go_paths import clean
from reconciler.language.files import TreeEntry
from reconciler.language.span import RefusedError
from reconciler.model.digest import Digest


@dataclass(frozen=True)
class Texts:
    """Files by name; of links the target, of executables the names."""

    files: Mapping[str, str]
    links: Mapping[str, str] = field(default_factory=dict)
    executables: frozenset[str] = frozenset()

    def content(self, name: str) -> bytes:
        return self.text(name).encode()

    def text(self, name: str) -> str:
        place = clean(name)
        if place.startswith(("/", "..")):
            raise RefusedError("File outside of the project", f"`{name}` leads out of the project's folder.")
        if place not in self.files:
            raise RefusedError("No such file", f"There is no file `{name}`.")
        return self.files[place]

    def digest(self, name: str) -> Digest:
        return Digest.of(self.content(name))

    def kind(self, name: str) -> Literal["file", "folder"] | None:
        place = clean(name)
        if place.startswith(("/", "..")):
            raise RefusedError("File outside of the project", f"`{name}` leads out of the project's folder.")
        if place in self.files:
            return "file"
        return "folder" if place == "." or any(one.startswith(f"{place}/") for one in self.files) else None

    def tree(self, folder: str) -> Sequence[TreeEntry]:
        top = "" if clean(folder) == "." else f"{clean(folder)}/"
        found: dict[str, TreeEntry] = {}
        for name in (*self.files, *self.links):
            if not name.startswith(top):
                continue
            inside = name[len(top) :]
            for at, symbol in enumerate(inside):
                if symbol == "/":
                    found[inside[:at]] = TreeEntry(inside[:at], "folder")
            if name in self.links:
                found[inside] = TreeEntry(inside, "link", target=self.links[name])
            else:
                found[inside] = TreeEntry(inside, "file", name in self.executables, len(self.files[name].encode()))
        return sorted(found.values(), key=lambda entry: entry.name)
