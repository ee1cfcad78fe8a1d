"""Packages that the base has in the virtual environment already, in another version: pip would uninstall them first."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping

from packaging.utils import canonicalize_name

from reconciler.builders.layers.archive import Entry
from reconciler.builders.layers.installation import Installed
from reconciler.builders.layers.target import Target

_DELETED = ".wh."


def removals(installed: Mapping[str, Collection[str]], wanted: Mapping[str, str], target: Target) -> Iterator[Entry]:
    """What takes away the files of installed packages for which another version is wanted, by name."""
    versions = {canonicalize_name(name): version for name, version in wanted.items()}
    for title, paths in sorted(installed.items()):
        name, _, version = title.partition("-")
        if versions.get(canonicalize_name(name), version) == version:
            continue
        for path in sorted(paths):
            inside = path.startswith(f"{target.prefix}/") and not path.endswith("/")
            if inside and posixpath.dirname(path) != f"{target.packages}/{title}.dist-info":
                yield _deleted(path)
        yield _deleted(f"{target.packages}/{title}.dist-info")


def _deleted(path: str) -> Installed:
    folder, name = posixpath.split(path[1:])
    return Installed(f"{folder}/{_DELETED}{name}", 0o644, b"")
