"""Whether a program is in an image at all: a runtime says so less kindly, and on a stream that is the job's."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from reconciler.model.suggestion import did_you_mean
from reconciler.oci.strict_json import ContentError
from reconciler.runners.oci_failures import program_not_found
from reconciler.runners.oci_files import followed


def check_program(root: Path, program: str, folders: Sequence[str], hidden: Sequence[str]) -> None:
    """RunError where a program is in none of the folders; what lies below a mount (`hidden`) nobody can know."""
    where = [posixpath.dirname(program)] if "/" in program else folders
    name = posixpath.basename(program)
    if any(_is_below(posixpath.join(folder, name), mount) for folder in where for mount in hidden):
        return
    if any(_is_file(root, posixpath.join(folder, name)) for folder in where):
        return
    raise program_not_found(program, did_you_mean(name, _names(root, where)))


def _is_below(folder: str, mount: str) -> bool:
    return posixpath.commonpath(["/" + folder.strip("/"), "/" + mount.strip("/")]) == "/" + mount.strip("/")


def _is_file(root: Path, path: str) -> bool:
    with suppress(OSError, ContentError):
        return (root / followed(root, path, lambda _: None)).is_file()
    return False


def _names(root: Path, folders: Sequence[str]) -> Iterator[str]:
    for folder in folders:
        with suppress(OSError, ContentError):
            yield from sorted(path.name for path in (root / followed(root, folder, lambda _: None)).iterdir())
