"""Which Python a base image has, asked once for each digest; errors say what was found instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from reconciler.builders.layers.base_files import read_base_files
from reconciler.builders.layers.cache import Cache
from reconciler.builders.layers.hearsay import BASE, Hearsay
from reconciler.builders.layers.index import Index
from reconciler.builders.layers.interpreter import BaseFacts, FoundPython, base_facts
from reconciler.model.diagnostic import BuildError
from reconciler.model.digest import Digest
from reconciler.oci.config import read_config, variable_of
from reconciler.oci.image import Image
from reconciler.oci.strict_json import ContentError, JsonObject

_VERSION = 2  # moves with what is looked for


class BaseReader:
    """Reads base images; nothing of an image that was read before is read again, and nothing of it is run."""

    def __init__(self, cache: Cache, hearsay: Hearsay | None = None) -> None:
        self._cache = cache
        self._index = Index(cache.folder / "layers.sqlite")
        self._hearsay = hearsay

    def facts(self, image: Image, called: str) -> BaseFacts:
        """What layers need to know of a base image. Raises BuildError."""
        if known := self.known(image.digest):
            return known
        with self._cache.locked("base", image.digest):
            if known := self.known(image.digest) or self._told(image.digest):
                return known
            try:
                facts = base_facts(read_base_files(image, self._cache), variable_of(read_config(image), "PATH"))
            except ContentError as cause:
                raise unusable(called, cause) from cause
            self._index.put(_key(image.digest), _form(facts))
            return facts

    def known(self, image: Digest) -> BaseFacts | None:
        """What was found in an image that was read before."""
        found = self._index.get([_key(image)]).get(_key(image))
        return _facts(found) if found is not None else None

    def _told(self, image: Digest) -> BaseFacts | None:
        """What others have found: a base may be large, and all of it would have to be read."""
        asked = self._hearsay and self._hearsay.learn([told_key(image)], {BASE: _is_sound})
        return self.known(image) if asked else None

    def python(self, image: Image, called: str, version: str, platform: str) -> FoundPython:
        """The interpreter for Python X.Y, or the base's first one where `version` is empty. Raises BuildError."""
        facts = self.facts(image, called)
        found = facts.python(version)
        if found is None:
            raise _without(called, version, facts)
        machine = platform.split("/")[1] if "/" in platform else ""
        if machine and found.machine and found.machine != machine:
            raise BuildError(
                "Base image is for another machine",
                f"`{found.path}` in the base image `{called}` is a program for {found.machine}, and the environment's "
                f"platform is {platform}. Choose a base image for {platform}.",
            )
        check_links(called, facts)
        return found


def _key(image: Digest) -> str:
    return f"{BASE} {told_key(image)}"


def told_key(image: Digest) -> str:
    """Under which others are told of a base image."""
    return f"{_VERSION} {image}"


def unusable(called: str, cause: ContentError) -> BuildError:
    """The error for a base whose config or layers are not what they should be."""
    return BuildError(
        "Base image cannot be built on",
        f"Nothing can be put on the base image `{called}`: {cause} Choose another base image.",
    )


def _without(called: str, version: str, facts: BaseFacts) -> BuildError:
    if not facts.pythons:
        return BuildError(
            "Base image has no Python",
            f"Packages are put over the Python of the base image, and `{called}` has none: no program `python3` with "
            "its library was found in the folders of its PATH, /usr/local/bin, /usr/bin or /opt/conda/bin. Choose a "
            "base image with Python 3.",
        )
    found = ", ".join(f"Python {it.version} at `{it.path}`" for it in facts.pythons)
    return BuildError(
        "Base image has another Python",
        f"The packages were chosen for Python {version}, and the base image `{called}` has {found}. Choose a base "
        f"image with Python {version}, or ask for a Python that this one has.",
    )


def check_links(called: str, facts: BaseFacts) -> None:
    """BuildError where our folder is a link in the base, which files in layers would take the place of."""
    for path, target in facts.links.items():
        raise BuildError(
            "Base image cannot be built on",
            f"`{path}` in the base image `{called}` is a link to `{target}`, and packages go to `/opt/env`: they would "
            "take the place of the link. Choose another base image.",
        )


def _form(facts: BaseFacts) -> JsonObject:
    return {
        "pythons": [asdict(python) for python in facts.pythons],
        "libraries": sorted(facts.libraries),
        "links": dict(facts.links),
        "installed": {name: list(paths) for name, paths in facts.installed.items()},
        "glibc": facts.glibc,
        "packages": facts.packages,
    }


def _facts(form: JsonObject) -> BaseFacts:
    pythons, libraries, links, installed = (form[key] for key in ("pythons", "libraries", "links", "installed"))
    if not (isinstance(pythons, list) and isinstance(libraries, list)):
        raise TypeError
    if not (isinstance(links, Mapping) and isinstance(installed, Mapping)):
        raise TypeError
    kept = {str(name): tuple(paths) for name, paths in installed.items()}
    found = tuple(FoundPython(**it) for it in pythons)
    packages = form.get("packages")
    own = tuple(map(str, packages)) if isinstance(packages, list) else ()
    return BaseFacts(found, frozenset(libraries), dict(links), kept, str(form["glibc"]), own)


def _is_sound(form: JsonObject) -> bool:
    """Whether this could have been found; others may say anything. What would be an error is looked at again."""
    try:
        facts = _facts(form)
        lines = [text for python in facts.pythons for text in asdict(python).values()]
        lines += [*facts.libraries, *facts.links, *facts.links.values(), *facts.packages, facts.glibc]
        lines += [path for paths in facts.installed.values() for path in paths]
        whole = all(isinstance(line, str) and line.isprintable() for line in lines)
        return whole and bool(facts.pythons) and all(python.path.startswith("/") for python in facts.pythons)
    except (KeyError, TypeError):
        return False
