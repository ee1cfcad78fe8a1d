"""Locked conda packages as conda itself reads them: an explicit list of files."""

from __future__ import annotations

from reconciler.model.definition import Artefact, Lock
from reconciler.rendering.pip_files import is_of_project, pip_artefacts

_SUBDIRS = {"linux/amd64": "linux-64", "linux/arm64": "linux-aarch64", "linux/ppc64le": "linux-ppc64le"}


def conda_artefacts(lock: Lock) -> list[Artefact]:
    """What conda would install."""
    return [one for one in lock.artefacts if one.kind == "conda"]


def explicit_text(lock: Lock, *, with_pip: bool = True, local: str = "") -> str:
    """A file for `conda create --file`; what pip installs afterwards stands in it as comments.

    `local` stands before the paths of files of the project.
    """
    lines = [f"# platform: {_SUBDIRS.get(lock.platform, lock.platform)}", "@EXPLICIT"]
    lines += [f"{local if is_of_project(one) else ''}{one.url}#{one.digest}" for one in conda_artefacts(lock)]
    if with_pip:
        lines += [f"# pip {one.name} @ {one.url}#{one.digest.replace(':', '=', 1)}" for one in pip_artefacts(lock)]
    return "\n".join(lines) + "\n"
