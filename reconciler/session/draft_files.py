"""The files that new definitions are made from."""

from __future__ import annotations

from pathlib import Path

from reconciler.language.sketches.sketch import unusable
from reconciler.model.frozen import dataclass

_MAXIMUM = 10_000_000


@dataclass(frozen=True, slots=True)
class DraftFiles:
    """Seen from the folder of the project that is to have the definition."""

    root: Path

    def read(self, path: str) -> str:
        """The text of a file, seen from the project's folder; it may lie anywhere."""
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
        root = self.root.resolve()
        try:
            place = (root / path).resolve()
        except (OSError, RuntimeError, ValueError):
            return None
        if not place.exists() or (place != root and root not in place.parents):
            return None
        return place.relative_to(root).as_posix()
