"""Files of a lock as others can have them: by their paths in the project, wherever they lie on this machine."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from reconciler.model.frozen import dataclass
from reconciler.session.parts import cache_folder

if TYPE_CHECKING:
    from reconciler.model.definition import Artefact, Lock

_FOLDER = PurePosixPath("packages")
_FILE, _BUILT = "file", "built"


@dataclass(frozen=True, slots=True)
class Nearby:
    """A lock, and the command that brings its files into the project; empty where they are there."""

    lock: Lock
    command: str = ""


def nearby(lock: Lock, root: Path, kinds: Collection[str]) -> Nearby:
    """The same with each file of this machine by its path in the project, where those are that are yet to come."""
    artefacts: list[Artefact] = []
    elsewhere: list[Path] = []
    for one in lock.artefacts:
        path = _path(one) if one.kind in kinds else None
        if path is None:
            artefacts.append(one)
            continue
        if not path.is_relative_to(root):
            elsewhere.append(path)
        own = path.relative_to(root) if path.is_relative_to(root) else _FOLDER / path.name
        artefacts.append(replace(one, url=own.as_posix()))
    words = ["cp", *sorted(map(str, elsewhere)), f"{_FOLDER}/"]
    command = f"mkdir -p {_FOLDER} && {shlex.join(words)}" if elsewhere else ""
    return Nearby(replace(lock, artefacts=tuple(artefacts)), command)


def _path(artefact: Artefact) -> Path | None:
    """Where it lies on this machine; None where it is fetched, or is the project's already."""
    scheme, _, rest = artefact.url.partition(":")
    if scheme == _FILE:
        return Path(unquote(urlsplit(artefact.url).path))
    return cache_folder() / _BUILT / rest if scheme == _BUILT else None
