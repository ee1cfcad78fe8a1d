"""What a wheel puts into an image, without its bytes: enough to see collisions and missing libraries."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import field

from reconciler.builders.layers.installation import Installed
from reconciler.model.frozen import dataclass
from reconciler.oci.strict_json import JsonObject


@dataclass(frozen=True, slots=True)
class Contents:
    """By path of a file, a mark that two files share only when they are equal; the libraries that it needs and brings.

    Of a needed library, one file that needs it is told. `pythons` is for which Pythons it says that it is.
    """

    files: Mapping[str, str]
    needs: Mapping[str, str] = field(default_factory=dict)
    brings: tuple[str, ...] = ()
    pythons: str = ""

    @property
    def form(self) -> JsonObject:
        """As it is kept."""
        said = {"pythons": self.pythons} if self.pythons else {}
        return {"files": dict(self.files), "needs": dict(self.needs), "brings": list(self.brings), **said}

    @classmethod
    def of_form(cls, form: JsonObject) -> Contents:
        """As it was kept."""
        files, needs, brings = form["files"], form["needs"], form["brings"]
        if not isinstance(files, dict) or not isinstance(needs, dict) or not isinstance(brings, list):
            raise TypeError
        return cls(files, needs, tuple(brings), str(form.get("pythons", "")))

    @classmethod
    def is_sound(cls, form: JsonObject) -> bool:
        """Whether this could have been kept here; others may say anything."""
        files, needs, brings = form.get("files"), form.get("needs"), form.get("brings")
        if not isinstance(files, dict) or not isinstance(needs, dict) or not isinstance(brings, list):
            return False
        words = (*files.values(), *needs.values(), *brings, form.get("pythons", ""))
        return all(isinstance(word, str) for word in words) and not any(map(_is_astray, files))


def _is_astray(path: str) -> bool:
    return path.startswith("/") or any(part in ("", ".", "..") for part in path.split("/"))


def marks(files: Iterable[Installed]) -> dict[str, str]:
    """The files of a wheel with their marks."""
    return {file.path: _mark(file) for file in files}


def _mark(file: Installed) -> str:
    if isinstance(file.content, bytes):
        crc, size = zlib.crc32(file.content), len(file.content)
    else:
        crc, size = file.content.crc, file.content.size
    return f"{file.mode:o}:{crc:x}:{size:x}"
