"""What the user asked for, and its identity."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from reconciler.model.digest import Digest, canonical_json
from reconciler.model.frozen import dataclass

_HASH_DIGITS = 32
_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Conda:
    """An environment of conda's own, with its Python: channels and packages in the order they were written.

    `accelerator` is what packages may count on where the base image says nothing of it, such as `cuda12`.
    """

    channels: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    accelerator: str = ""

    @property
    def form(self) -> Mapping[str, object]:
        """What is hashed."""
        lists = {"channels": self.channels, "dependencies": self.dependencies}
        return {**lists, "accelerator": self.accelerator} if self.accelerator else lists


@dataclass(frozen=True, slots=True)
class Context:
    """A folder with a Dockerfile. Where the folder lies says nothing about what is in it, so `path` is not hashed.

    Nor is how many `files` of what `size` the tree has, and how many more are `ignored`: that is for people.
    """

    tree: Digest
    dockerfile: str
    path: str = field(compare=False)
    arguments: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    files: int = field(default=0, compare=False)
    size: int = field(default=0, compare=False)
    ignored: int = field(default=0, compare=False)

    @property
    def form(self) -> Mapping[str, object]:
        """What is hashed."""
        return {
            "tree": self.tree,
            "dockerfile": self.dockerfile,
            "arguments": dict(self.arguments),
            "target": self.target,
        }


@dataclass(frozen=True, slots=True)
class Spark:
    """Packages that Spark finds in the image."""

    repositories: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()

    @property
    def form(self) -> Mapping[str, object]:
        """What is hashed."""
        return {"repositories": self.repositories, "packages": self.packages}


@dataclass(frozen=True, slots=True)
class Debian:
    """A release of Debian, by its name, and packages of it, sorted: what they need comes with them."""

    suite: str
    packages: tuple[str, ...]

    @property
    def form(self) -> Mapping[str, object]:
        """What is hashed."""
        return {"suite": self.suite, "packages": self.packages}

    @property
    def reference(self) -> str:
        """What is followed: the packages of the release, as a base image's tag is."""
        return f"debian:{self.suite}"


@dataclass(frozen=True, slots=True)
class Definition:
    """What an image is made from. Nothing else may be in the hash: no name, version, description, tags.

    All texts are in normal form. `image` is empty and `base` None where a Dockerfile names the base, or where there is
    none; `bases` are then what its references lead to, as far as anybody could tell. `files` are the project's own
    files that packages name, by path; `packages` are those of pip, published until `exclude_newer`, and with
    `allow_source_builds` built on this machine where there is no wheel.
    """

    image: str
    base: Digest | None
    platform: str
    packages: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    files: Mapping[str, Digest] = field(default_factory=dict)
    conda: Conda | None = None
    python: str = ""
    interpreter: str = ""
    steps: tuple[str, ...] = ()
    dockerfile: tuple[str, ...] = ()
    context: Context | None = None
    spark: Spark | None = None
    bases: Mapping[str, Digest] = field(default_factory=dict)
    runtime: Literal["container", "local"] = "container"
    exclude_newer: str = ""
    debian: Debian | None = None
    allow_source_builds: bool = False

    @property
    def form(self) -> Mapping[str, object]:
        """What is hashed. A section that says nothing is left out, so that new kinds of sections move no old hash."""
        form: dict[str, object] = {
            "image": self.image,
            "base": self.base,
            "platform": self.platform,
            "packages": self.packages,
        }
        for name in (*_TEXTS, *_FLAGS):
            if value := getattr(self, name):
                form[name] = value
        for name in _SECTIONS:
            if (section := getattr(self, name)) is not None:
                form[name] = section.form
        if self.bases:
            form["bases"] = dict(self.bases)
        if self.files:
            form["files"] = dict(self.files)
        if self.runtime != "container":
            form["runtime"] = self.runtime
        return form

    @property
    def needs_engine(self) -> bool:
        """Whether commands have to be run in containers to make it; packages alone need none."""
        return bool(self.steps or self.dockerfile or self.context)

    @property
    def is_resolved(self) -> bool:
        """Whether there are packages, be they of pip, of conda or of Debian, that a lock is to make exact."""
        return bool(self.packages or self.debian or (self.conda and self.conda.dependencies))

    @property
    def hash(self) -> str:
        """32 hex digits over the canonical form, as Azure ML caches images."""
        form = {"schema": _SCHEMA, **self.form}
        return hashlib.sha256(canonical_json(form)).hexdigest()[:_HASH_DIGITS]


_TEXTS = ("options", "constraints", "python", "interpreter", "steps", "dockerfile", "exclude_newer")
_FLAGS = ("allow_source_builds",)
_SECTIONS = ("conda", "context", "spark", "debian")


@dataclass(frozen=True, slots=True)
class Artefact:
    """One file that goes into an image: what it is called, where it lies, and what it must hash to.

    `url` is relative to the project's root for the project's own files, and of Debian packages the file's name alone.
    `index` says which of several gave it. A `size` of 0 means that nobody said. A wheel that was built on a
    machine says from which `source`, and its `url` is `built:` with a path in the cache of that machine. `scripted` is
    a package of conda's that is known to run a script of its own once it is linked.
    """

    name: str
    version: str
    url: str
    digest: Digest
    size: int
    kind: Literal["wheel", "sdist", "conda", "deb"] = "wheel"
    index: str = ""
    source: Digest | None = None
    scripted: bool = field(default=False, compare=False)  # a package that nobody could look into is not known to

    @property
    def exact(self) -> str:
        """The version, and of conda's packages which build of it, as conda spells it."""
        if self.kind != "conda":
            return self.version
        title = self.url.rpartition("/")[2].removesuffix(".conda").removesuffix(".tar.bz2")
        return f"{self.version}={title.rpartition('-')[2]}"

    @property
    def form(self) -> list[object]:
        """What a lock's digest covers: the file, and not which mirror gave it or what that told of it."""
        filename = self.url.rpartition("/")[2]
        more = [self.kind] if self.kind != "wheel" else [self.source] if self.source else []
        return [self.name, self.version, filename, self.digest, *more]


@dataclass(frozen=True, slots=True)
class Lock:
    """A definition made exact; without a base where the definition has none.

    `python` is the X.Y that the artefacts were chosen for. The order of artefacts is that of installation. `index` says
    through which index of images the base was found; that may change while the base does not.
    """

    base: Digest | None
    platform: str
    artefacts: tuple[Artefact, ...] = ()
    python: str = ""
    index: Digest | None = field(default=None, compare=False)

    @property
    def scripted(self) -> tuple[str, ...]:
        """The packages that are known to run scripts, for which containers are needed."""
        return tuple(artefact.name for artefact in self.artefacts if artefact.scripted)

    @property
    def digest(self) -> Digest:
        """The lock's own content address; state keeps each lock once, under it."""
        form = {"base": self.base, "platform": self.platform, "artefacts": [a.form for a in self.artefacts]}
        return Digest.of(canonical_json({**form, "python": self.python} if self.python else form))
