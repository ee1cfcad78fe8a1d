"""Functions that read the project's files, and no others."""

from __future__ import annotations

import posixpath
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from reconciler.language.equality import set_from
from reconciler.language.files import Files
from reconciler.language.functions.globs import is_magic, pattern_of
from reconciler.language.functions.hashing import ALGORITHMS, digest
from reconciler.language.functions.paths import cleaned
from reconciler.language.functions.signature import ArgumentError, Family, Outside
from reconciler.language.span import RefusedError
from reconciler.language.types import STRING
from reconciler.language.value import Value

FAMILY = Family()
function = FAMILY.function

_Result = TypeVar("_Result")


def _file(files: Files, path: str) -> Value:
    return files.text(path)


def _base64(files: Files, path: str) -> Value:
    return b64encode(files.content(path)).decode()


def _exists(files: Files, path: str) -> Value:
    found = files.kind(path)
    if found == "folder":
        raise RefusedError("Unreadable file", f"`{path}` is a folder, and `fileexists` looks for files.")
    return found is not None


_READERS: Mapping[str, Callable[[Files, str], Value]] = {
    "file(path string) string": _file,
    "filebase64(path string) string": _base64,
    "fileexists(path string) bool": _exists,
}


def text_of(outside: Outside, path: str) -> str:
    """The text of a file; the argument 0 is refused where it has none."""
    return _told(outside, lambda files: files.text(path))


def _add(description: str, read: Callable[[Files, str], Value]) -> None:
    @function(description, outside=True)
    def run(outside: Outside, path: str) -> Value:
        return _told(outside, lambda files: read(files, path))


def _hexadecimal(algorithm: str) -> Callable[[Files, str], Value]:
    return lambda files, path: digest(files.content(path), algorithm).hex()


def _in_base64(algorithm: str) -> Callable[[Files, str], Value]:
    return lambda files, path: b64encode(digest(files.content(path), algorithm)).decode()


for _description, _read in _READERS.items():
    _add(_description, _read)
for _algorithm in ALGORITHMS:
    _add(f"file{_algorithm}(path string) string", _hexadecimal(_algorithm))
for _algorithm in ("sha256", "sha512"):
    _add(f"filebase64{_algorithm}(path string) string", _in_base64(_algorithm))


@function("fileset(path string, pattern string) set(string)", outside=True)
def _fileset(outside: Outside, path: str, pattern: str) -> Value:
    return _told(outside, lambda files: set_from(_matching(files, path, pattern), STRING))


def _matching(files: Files, path: str, pattern: str) -> Iterator[Value]:
    names = pattern.split("/")
    plain = next((at for at, name in enumerate(names) if is_magic(name)), len(names))
    top = cleaned(posixpath.join(path, "./" + "/".join(names[:plain])))
    below = tuple(name for name in names[plain:] if name not in ("", "."))
    if not below:
        if files.kind(top) == "file":
            yield _from(path, top)
        return
    regular = pattern_of(below)
    if files.kind(top) != "folder":
        return
    for entry in files.tree(top):
        linked = entry.kind == "link" and _is_file(files, f"{top}/{entry.name}")
        if (entry.kind == "file" or linked) and regular.first(entry.name):
            yield _from(path, cleaned(f"{top}/{entry.name}"))


def _from(path: str, name: str) -> str:
    """A clean name as it is seen from a folder."""
    own, base = name.split("/"), [part for part in cleaned(path).split("/") if part != "."]
    while own and base and own[0] == base[0]:
        own, base = own[1:], base[1:]
    return "/".join([*[".."] * len(base), *own])


def _is_file(files: Files, path: str) -> bool:
    """Whether a link leads to a file of the project."""
    try:
        return files.kind(path) == "file"
    except RefusedError:
        return False


def _told(outside: Outside, read: Callable[[Files], _Result]) -> _Result:
    files = outside.scope.files
    if files is None:
        detail = "No files can be read here: this expression belongs to no project."
        raise ArgumentError(0, detail, summary="No files here")
    try:
        return read(files)
    except ArgumentError:
        raise
    except RefusedError as refused:
        raise ArgumentError(0, refused.detail, refused.hint, refused.summary) from None
