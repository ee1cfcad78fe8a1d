"""What pip is to bring above conda's packages: nothing that conda has brought already, if it fits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

from reconciler.model.definition import Artefact, Definition, Lock
from reconciler.model.diagnostic import ResolutionError
from reconciler.protocols import Resolver
from reconciler.resolvers.scratch import scratch

# Where conda and Python's index do not call a package the same.
_NAMES = {
    "pytorch": "torch", "pytorch-cpu": "torch", "pytorch-gpu": "torch", "matplotlib-base": "matplotlib",
    "msgpack-python": "msgpack", "py-opencv": "opencv-python", "pytables": "tables", "python-graphviz": "graphviz",
    "py-xgboost": "xgboost", "brotli-python": "brotli", "tensorflow-base": "tensorflow",
}  # fmt: skip


def is_python_package(depends: Iterable[str]) -> bool:
    """Whether a package of conda's is one that pip would see, as far as what it needs tells."""
    return any(re.split(r"[\s=<>!~\[]", text.strip())[0] == "python" for text in depends)


def beside(
    lock: Lock, python: str, provided: Sequence[Artefact], definition: Definition, pip: Resolver, prefer: Lock | None
) -> Lock:
    """The lock with the wheels for the definition's pip packages; those that conda provides are held where they fit."""
    if not definition.packages:
        return lock
    if not python:
        raise ResolutionError(
            "Conda environment has no Python",
            "There is a list for pip, and among the packages of conda is no `python` for it. Add one to the "
            "dependencies, such as `python=3.12`.",
        )
    there = dict(_named(provided))
    wheels = [it for it in prefer.artefacts if it.kind != "conda" and it.name not in there] if prefer else []
    held = [Artefact(name, it.version, "", it.digest, 0) for name, it in there.items()]
    with _offered(there) as folder:
        asked = replace(definition, conda=None)
        if not any("--hash" in text or text == "--require-hashes" for text in (*asked.packages, *asked.options)):
            asked = replace(asked, options=(*asked.options, f"--find-links {folder}"))
        found = pip.resolve(asked, python, Lock(None, lock.platform, (*held, *wheels)))
        above = [it for it in found.artefacts if not _is_there(it, there) and not _lies_in(it, folder)]
    return replace(lock, artefacts=(*lock.artefacts, *above))


def _named(provided: Sequence[Artefact]) -> Iterator[tuple[str, Artefact]]:
    from packaging.utils import canonicalize_name
    from packaging.version import InvalidVersion, Version

    for artefact in provided:
        try:
            Version(artefact.version)
        except InvalidVersion:
            continue
        yield canonicalize_name(_NAMES.get(artefact.name, artefact.name)), artefact


@contextmanager
def _offered(there: Mapping[str, Artefact]) -> Iterator[Path]:
    """A folder with an empty wheel for each, so that what only conda has does not seem to be missing."""
    with scratch() as folder:
        for title, artefact in there.items():
            info = f"{title.replace('-', '_')}-{artefact.version}"
            with ZipFile(folder / f"{info}-py3-none-any.whl", "w") as wheel:
                metadata = f"Metadata-Version: 2.1\nName: {title}\nVersion: {artefact.version}\n"
                wheel.writestr(f"{info}.dist-info/METADATA", metadata)
                wheel.writestr(f"{info}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")
                wheel.writestr(f"{info}.dist-info/RECORD", "")
        yield folder


def _is_there(artefact: Artefact, there: Mapping[str, Artefact]) -> bool:
    found = there.get(artefact.name)
    return found is not None and found.version == artefact.version


def _lies_in(artefact: Artefact, folder: Path) -> bool:
    return artefact.url.startswith(f"file://{folder}/")
