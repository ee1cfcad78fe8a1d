"""Functions on the names of files, which look at no file."""

from __future__ import annotations

from posixpath import normpath

from reconciler.language.functions.signature import Family
from reconciler.language.value import Value

FAMILY = Family()
function = FAMILY.function


@function("basename(path string) string")
def _basename(path: str) -> Value:
    bare = path.rstrip("/")
    if not bare:
        return "/" if path else "."
    return bare.rpartition("/")[2]


@function("dirname(path string) string")
def _dirname(path: str) -> Value:
    return cleaned(path.rpartition("/")[0] + ("/" if path.startswith("/") else ""))


@function("abspath(path string) string")
def _abspath(path: str) -> Value:
    # Where a checkout lies must not be part of what is hashed: names stay relative to the project's folder.
    return cleaned(path)


def cleaned(path: str) -> str:
    """The shortest name of the same file."""
    short = normpath(path)
    return short[1:] if short.startswith("//") else short
