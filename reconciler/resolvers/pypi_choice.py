"""From packages to artefacts: one file each, with a sha256, and only such files as the requirements allow."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path

from reconciler.model.definition import Artefact, Definition, Lock
from reconciler.model.diagnostic import ResolutionError
from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass
from reconciler.resolvers.pypi_addresses import file_url, public
from reconciler.resolvers.pypi_files import Files
from reconciler.resolvers.pypi_lock import File, Package, best_wheels
from reconciler.resolvers.pypi_request import Request
from reconciler.resolvers.pypi_source import Builds, needs_build
from reconciler.resolvers.pypi_target import Target


@dataclass(slots=True)
class Choice:
    """Chooses for one definition. A file that was chosen before stays chosen where it is still offered."""

    definition: Definition
    request: Request
    target: Target
    files: Files
    deadline: float
    builds: Builds
    prefer: Lock | None = None
    built: list[Artefact] = field(default_factory=list)
    _before: dict[str, Artefact] = field(init=False)

    def __post_init__(self) -> None:
        self._before = {it.digest: it for it in self.prefer.artefacts} if self.prefer else {}

    def artefacts(self, packages: Sequence[Package]) -> tuple[Artefact, ...]:
        """An artefact for each package, in their order; ResolutionError names all that have none."""
        chosen = [(package, self._file(package)) for package in packages]
        self._check_hashes([package for package, _ in chosen])
        sources = [package for package, _ in chosen if package.kind == "sdist"]
        if sources and not self.request.build:
            raise needs_build(sources)
        artefacts = [self._artefact(package, file) for package, file in chosen]
        return tuple(self._sized(artefacts, [file for _, file in chosen]))

    def _file(self, package: Package) -> File:
        offered = package.files
        if package.kind == "wheel":
            unwanted = not self.request.from_source.isdisjoint((package.name, ":all:"))
            offered = [] if unwanted else best_wheels(package.files, self.target.ranks)
            if not offered and package.source and self.request.build:
                package.kind, offered = "sdist", [package.source]
            if not offered:
                raise _no_wheel(package, self.target)
        if allowed := self._allowed(package):
            offered = [file for file in map(self._known, offered) if not allowed.isdisjoint(_spelled(file))]
            if not offered:
                raise _mismatch(package)
        held = (file for file in offered if f"sha256:{file.hashes.get('sha256')}" in self._before)
        return next(held, offered[0])

    def _allowed(self, package: Package) -> set[str]:
        keys = {package.name, *(public(file.url) for file in package.files), *map(self._place, package.files)}
        return {one for key in keys for one in self.request.hashes.get(key, ())}

    def _known(self, file: File) -> File:
        """With all hashes that a requirement may name; what the index says of sha256 is enough when that is asked."""
        weak = all(one.startswith("sha256:") for hashes in self.request.hashes.values() for one in hashes)
        if weak and "sha256" in file.hashes and not file.path:
            return file
        return replace(file, hashes=self._read(file))

    def _check_hashes(self, packages: Sequence[Package]) -> None:
        """Hashes for some are hashes for all, as in pip: else what came in unseen would be what was not looked at."""
        bare = [it for it in packages if not self._allowed(it)] if self.request.hashed else []
        if bare:
            shown = "".join(f"\n    {it.name}=={it.version}" for it in bare)
            raise ResolutionError(
                "Requirement without a hash",
                "Where one requirement has a hash, or `--require-hashes` stands in the list, all must have one, those "
                f"that others need too. These have none:\n{shown}\n\nList them with their hashes.",
            )

    def _place(self, file: File) -> str:
        """A file's name in the project, where it is the project's own."""
        return self.request.local.get(file_url(file.path), "") if file.path else ""

    def _artefact(self, package: Package, file: File) -> Artefact:
        index = self.request.stated.get(public(package.index).rstrip("/"), "")
        url, digest = self._located(file)
        if package.kind == "sdist":
            return self._built(package, file, digest)
        return Artefact(package.name, package.version, url, digest, file.size, package.kind, index)

    def _built(self, package: Package, file: File, digest: Digest) -> Artefact:
        with self.files.on_disk(file, digest, time.monotonic() + self.deadline) as source:
            artefact, is_new = self.builds.artefact(package, source, digest)
        if is_new:
            self.built.append(artefact)
        return artefact

    def _located(self, file: File) -> tuple[str, Digest]:
        """Where a file lies, and what it hashes to."""
        if own := self._place(file):
            return own, self.definition.files[own]
        sha256 = file.hashes.get("sha256") or self._read(file)["sha256"]
        return public(file.url) if file.url else file_url(file.path), Digest.parse(f"sha256:{sha256}")

    def _read(self, file: File) -> Mapping[str, str]:
        return self.files.hashes(file, time.monotonic() + self.deadline)

    def _sized(self, artefacts: Sequence[Artefact], files: Sequence[File]) -> Iterator[Artefact]:
        pairs = list(zip(artefacts, files, strict=True))
        unsaid = [file for artefact, file in pairs if not (file.size or artefact.digest in self._before)]
        asked = self.files.sizes(unsaid)
        for artefact, file in pairs:
            before = self._before.get(artefact.digest)
            known = (
                artefact.size or file.size or _on_disk(file) or (before.size if before else 0) or asked.get(file.url, 0)
            )
            yield replace(artefact, size=known)


def _on_disk(file: File) -> int:
    path = Path(file.path) if file.path else None
    try:
        return path.stat().st_size if path and path.is_file() else 0
    except OSError:
        return 0


def _spelled(file: File) -> set[str]:
    return {f"{name}:{value}" for name, value in file.hashes.items()}


def _no_wheel(package: Package, target: Target) -> ResolutionError:
    shown = "".join(f"\n    {file.filename}" for file in package.files[:8])
    return ResolutionError(
        "Requirements cannot be met",
        f"`{package.name}=={package.version}` has no wheel that runs on Python {target.minor} and "
        f"{target.shown}. There are:\n{shown}",
    )


def _mismatch(package: Package) -> ResolutionError:
    shown = "".join(f"\n    {name}:{value}" for file in package.files[:8] for name, value in file.hashes.items())
    return ResolutionError(
        "Package has another hash",
        f"No file of `{package.name}=={package.version}` that runs on the target has a hash that the requirement "
        f"allows. Either it was changed, or the hashes are those of other files. Those of the index:\n{shown}",
    )


def held_lines(prefer: Lock | None) -> str:
    """What uv is to hold, as lines of a requirements file."""
    return "".join(f"{it.name}=={it.version}\n" for it in prefer.artefacts if it.version) if prefer else ""
