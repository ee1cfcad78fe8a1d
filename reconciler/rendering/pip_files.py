"""A lock as pip's tools read it: requirements with hashes, and `pylock.toml` (PEP 751)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from reconciler.model.definition import Artefact, Definition, Lock

_OF_PIP = ("wheel", "sdist")
_INDEX_OPTIONS = ("--index-url", "--extra-index-url", "--find-links", "--no-index", "--trusted-host")


def pip_artefacts(lock: Lock) -> list[Artefact]:
    """What pip would install."""
    return [one for one in lock.artefacts if one.kind in _OF_PIP]


def is_of_project(artefact: Artefact) -> bool:
    """Whether it lies in the project's folder, and is called by its path there."""
    return ":" not in artefact.url


def requirements_text(definition: Definition, lock: Lock) -> str:
    """Each package in its one version, with the one hash that its file may have."""
    options = [one for one in definition.options if one.startswith(_INDEX_OPTIONS) and not _is_folder(one)]
    direct = set(_direct(definition))
    lines = [_requirement(one, direct) for one in sorted(pip_artefacts(lock), key=lambda one: one.name)]
    place = ", in the project's folder" * any(is_of_project(one) for one in pip_artefacts(lock))
    head = [f"# For Python {lock.python} on {lock.platform}; install with --no-deps{place}."] if lock.python else []
    return "".join(f"{line}\n" for line in [*head, *options, *lines])


def _direct(definition: Definition) -> Iterator[str]:
    """Addresses that are asked for themselves, and not through an index."""
    for text in definition.packages:
        yield from (word.partition("#")[0] for word in text.split() if "://" in word)


def _is_folder(option: str) -> bool:
    """A folder of wheels: those that were chosen from it are called by their paths."""
    return option.startswith("--find-links") and "://" not in option


def _requirement(artefact: Artefact, direct: Iterable[str]) -> str:
    if is_of_project(artefact):
        named = f"./{artefact.url.removeprefix('./')}"
    elif artefact.url.partition("#")[0] in direct:
        named = f"{artefact.name} @ {artefact.url}"
    else:
        named = f"{artefact.name}=={artefact.version}"
    return f"{named} \\\n    --hash={artefact.digest}"


def pylock_text(lock: Lock) -> str:
    """The same files with their addresses, so that nothing has to be looked for."""
    lines = ['lock-version = "1.0"', 'created-by = "envform"']
    if lock.python:
        lines.append(f'requires-python = "=={lock.python}.*"')
    for artefact in sorted(pip_artefacts(lock), key=lambda one: one.name):
        lines += ["", *_package(artefact)]
    return "\n".join(lines) + "\n"


def _package(artefact: Artefact) -> Iterator[str]:
    yield "[[packages]]"
    yield f"name = {_text(artefact.name)}"
    yield f"version = {_text(artefact.version)}"
    if "://" in artefact.index:
        yield f"index = {_text(artefact.index)}"
    yield from _file(artefact)


def _file(artefact: Artefact) -> Iterator[str]:
    place = "path" if is_of_project(artefact) else "url"
    size = [f"size = {artefact.size}"] if artefact.size else []
    algorithm, _, digits = artefact.digest.partition(":")
    hashes = f"hashes = {{ {algorithm} = {_text(digits)} }}"
    name = f"name = {_text(artefact.url.rpartition('/')[2].partition('#')[0])}"
    inside = ", ".join([name, f"{place} = {_text(artefact.url)}", *size, hashes])
    yield f"wheels = [{{ {inside} }}]" if artefact.kind == "wheel" else f"sdist = {{ {inside} }}"


def _text(text: str) -> str:
    """A basic string of TOML, which JSON's are."""
    return json.dumps(text)
