"""The files that new definitions are made from."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from reconciler.language.sketches.sketch import unusable
from reconciler.model.frozen import dataclass
from reconciler.oci.reference import LAYOUT, Reference

_MAXIMUM = 10_000_000


@dataclass(frozen=True, slots=True)
class DraftFiles:
    """Paths of sources are seen from `root`; what a definition says of them, from the `project` that is to have it."""

    root: Path
    project: Path

    def read(self, path: str) -> str:
        """The text of a file, which may lie anywhere."""
        place = self.root / path
        try:
            if not place.is_file():
                what = "is a folder" if place.is_dir() else "does not exist"
                raise unusable(f"`{path}` {what}. A file is expected.")
            content = place.read_bytes()
            if len(content) > _MAXIMUM:
                raise unusable(f"`{path}` is larger than {_MAXIMUM // 1_000_000} MB.")
            return content.removeprefix(b"\xef\xbb\xbf").decode().replace("\r\n", "\n")
        except OSError as cause:
            raise unusable(f"`{path}` cannot be read: {(cause.strerror or str(cause)).lower()}.") from cause
        except UnicodeDecodeError as cause:
            raise unusable(f"`{path}` is not UTF-8.", "save the file as UTF-8") from cause

    def within(self, path: str) -> str | None:
        """A path as the project has it; None for what is not in it."""
        root = self.project.resolve()
        try:
            place = (self.root / path).resolve()
        except (OSError, RuntimeError, ValueError):
            return None
        if not place.exists() or (place != root and root not in place.parents):
            return None
        return place.relative_to(root).as_posix()

    def image(self, text: str) -> str:
        """An image reference as the project has it: that of an image in a folder says where the folder is."""
        try:
            reference = Reference.parse(text)
        except ValueError:
            return text  # what is wrong with it is told of the definition
        folder = reference.registry.removeprefix(LAYOUT)
        if folder == reference.registry or self.root == self.project:
            return text
        path = Path(os.path.relpath(self.root.resolve() / folder, self.project.resolve()))
        return str(replace(reference, registry=f"{LAYOUT}{folder if Path(folder).is_absolute() else path.as_posix()}"))
