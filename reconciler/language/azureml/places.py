"""Paths in a document are relative to the document; blocks want them relative to the project."""

from __future__ import annotations

import posixpath

from reconciler.language.azureml.fields import Reader
from reconciler.language.definition.context import ELSEWHERE, refuse_elsewhere
from reconciler.language.files import Files
from reconciler.language.span import RefusedError
from reconciler.language.yaml_documents import load
from reconciler.language.yaml_nodes import Mapping, Scalar, YamlDocument
from reconciler.model.diagnostic import EnvformError
from reconciler.model.frozen import dataclass

_MISSING = "No such file or folder"


@dataclass(frozen=True, slots=True)
class Places:
    """The folder of a document, and the project's files."""

    folder: str
    files: Files
    reader: Reader

    def conda_file(self, path: Scalar) -> Scalar | None:
        """The path of a conda file that is there and holds a mapping."""
        document = self.document(path, "conda_file")
        if document is None:
            return None
        name = document.source.filename
        if not isinstance(document.root, Mapping):
            self.reader.refuse(path, f"`{name}` is no conda file: a conda file is a mapping with `dependencies`.")
            return None
        return path.with_text(name)

    def document(self, path: Scalar, field: str = "environment") -> YamlDocument | None:
        """A document that a path leads to."""
        found = self._found(path, field, "file")
        if found is None:
            return None
        try:
            return load(self.files.text(found.text), found.text)
        except RefusedError as refused:
            self.reader.refuse(path, refused.detail, refused.hint, refused.summary)
        except EnvformError as error:
            self.reader.problems.extend(error.diagnostics)
        return None

    def context(self, path: Scalar) -> Scalar | None:
        """The path of a build context that is a folder with something in it."""
        if ELSEWHERE.match(path.text):
            refused = refuse_elsewhere(path.text)
            self.reader.refuse(path, refused.detail, refused.hint, refused.summary)
            return None
        found = self._found(path, "build.path", "folder")
        if found is not None and not self._entries(found, path):
            detail = f"The folder `{found.text}` is empty, so there is nothing to build."
            self.reader.refuse(path, detail, "it should hold a Dockerfile")
            return None
        return found

    def _entries(self, found: Scalar, path: Scalar) -> bool:
        try:
            return bool(self.files.tree(found.text))
        except RefusedError as refused:
            self.reader.refuse(path, refused.detail, refused.hint, refused.summary)
            return True

    def _found(self, path: Scalar, field: str, wanted: str) -> Scalar | None:
        if not path.text.strip():
            self.reader.refuse(path, f"`{field}` is empty. It is the path of a {wanted}.")
            return None
        joined = posixpath.normpath(posixpath.join(self.folder, path.text))
        try:
            kind = self.files.kind(joined)
        except RefusedError as refused:
            self.reader.refuse(path, refused.detail, refused.hint, refused.summary)
            return None
        if kind is None:
            beside = f"beside this document, in `{self.folder}`" if self.folder else "in the project's folder"
            detail = f"There is no {wanted} `{path.text}` {beside}. `{field}` is relative to the document."
            self.reader.refuse(path, detail, _path_hint(path.text), _MISSING)
            return None
        if kind != wanted:
            detail = f"`{field}` is a {wanted}, and `{joined}` is a {kind}."
            self.reader.refuse(path, detail)
            return None
        return path.with_text(joined)


def _path_hint(path: str) -> str:
    if path.startswith("file:"):
        return f"leave the prefix out: `{path.removeprefix('file:')}`"
    if "\\" in path:
        return "write `/` between folders; `\\` works on Windows only"
    return ""
