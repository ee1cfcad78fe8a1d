"""Registered versions as files of other tools."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.frozen import dataclass
from reconciler.session.nearby import Nearby, nearby

if TYPE_CHECKING:
    from reconciler.model.definition import Lock
    from reconciler.session.catalogue import Found

AZUREML, DOCKERFILE, REQUIREMENTS, PYLOCK, CONDA_LOCK = "azureml", "dockerfile", "requirements", "pylock", "conda-lock"
FORMATS = (AZUREML, DOCKERFILE, REQUIREMENTS, PYLOCK, CONDA_LOCK)
_LEFT = "Left out of the export"
_DOCUMENT, _CONDA, _CONSTRAINTS = "environment.yml", "conda.yaml", "constraints.txt"


@dataclass(frozen=True, slots=True)
class Export:
    """Texts by the names of their files, the main one first, and what of the version is not in them."""

    files: Mapping[str, str]
    told: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True)
class Exporter:
    """Writes one version. `folder` is where the files go, None for standard output; paths are seen from there."""

    found: Found
    lock: Lock | None
    root: Path
    folder: Path | None

    def export(self, form: str) -> Export:
        """The files of a format; EnvformError where the version cannot be said in it."""
        if self.found.record.definition.debian is not None:
            raise self._cannot("is made of Debian packages alone, which these formats have no word for")
        return _FORMATS[form](self)

    def azureml(self) -> Export:
        """A document, with its conda file beside it where there is a folder for both."""
        from reconciler.language.azureml.dump import dump_environment
        from reconciler.language.azureml.export import export_azure
        from reconciler.language.yaml_documents import dump

        record = self.found.record
        python = self.lock.python if self.lock else ""
        constraints = _CONSTRAINTS if self.folder is not None else ""
        exported = export_azure(self.found.registered.name, record, python, self._seen, constraints)
        files: dict[str, str] = {_DOCUMENT: ""}
        told = list(exported.left)
        if exported.dockerfile and self.folder is None:
            told.append("The Dockerfile: write into a folder to have it, too.")
        elif exported.dockerfile:
            files["Dockerfile"] = exported.dockerfile
        if exported.conda is not None and self.folder is not None:
            files[_CONDA] = dump(exported.conda)
        if exported.conda is not None and "image" in exported.fields:
            exported.fields["conda_file"] = exported.conda if self.folder is None else _CONDA
        if record.definition.constraints and constraints:
            files[_CONSTRAINTS] = "".join(f"{line}\n" for line in record.definition.constraints)
        files[_DOCUMENT] = dump_environment(exported.fields)
        if not exported.same:
            told.append("Read again, the document is another definition, with another hash.")
        return Export(files, tuple(map(_left, told)))

    def _seen(self, path: str) -> str:
        """A path of the project as a document in the folder has it."""
        if self.folder is None:
            return path
        return Path(os.path.relpath(self.root / path, self.folder)).as_posix()

    def dockerfile(self) -> Export:
        """A Dockerfile that stands alone."""
        from reconciler.model.definition import Lock
        from reconciler.rendering.dockerfile import dockerfile_text

        definition = self.found.record.definition
        if definition.context is not None:
            place = f"{definition.context.path}/{definition.context.dockerfile}"
            raise self._cannot(f"is built from a Dockerfile already: `{place}` in its project")
        if definition.runtime != "container":
            raise self._cannot("has no image: it lives on this machine")
        near = self._near(self.lock or Lock(definition.base, definition.platform), "wheel", "sdist", "conda")
        text = dockerfile_text(self.found.registered.name, self.found.record, near.lock)
        return Export({"Dockerfile": text}, _to_be_brought(near))

    def requirements(self) -> Export:
        """What pip installs, with hashes."""
        from reconciler.rendering.pip_files import requirements_text

        near = self._near(self._of_pip(), "wheel", "sdist")
        text = requirements_text(self.found.record.definition, near.lock)
        return Export({"requirements.txt": text}, (*self._told, *_to_be_brought(near)))

    def pylock(self) -> Export:
        """The same as PEP 751 has it."""
        from reconciler.rendering.pip_files import pylock_text

        near = self._near(self._of_pip(), "wheel", "sdist")
        seen = [replace(one, url=self._seen(one.url)) if ":" not in one.url else one for one in near.lock.artefacts]
        text = pylock_text(replace(near.lock, artefacts=tuple(seen)))
        return Export({"pylock.toml": text}, (*self._told, *_to_be_brought(near)))

    def conda_lock(self) -> Export:
        """What conda installs, file by file."""
        from reconciler.rendering.conda_files import explicit_text

        lock = self.lock
        if lock is None or not _has(lock, "conda"):
            raise self._cannot("has no packages of conda")
        return Export({"conda-lock.txt": explicit_text(lock)})

    def _near(self, lock: Lock, *kinds: str) -> Nearby:
        return nearby(lock, self.root.resolve(), kinds)

    def _of_pip(self) -> Lock:
        if self.lock is None or not _has(self.lock, "wheel", "sdist"):
            raise self._cannot("has no packages that pip installs, but for what its base image holds")
        return self.lock

    @property
    def _told(self) -> tuple[Diagnostic, ...]:
        """Packages of conda are nothing to pip."""
        if self.lock is None or not _has(self.lock, "conda"):
            return ()
        return (_left("The packages of conda: `-format=conda-lock` has them."),)

    def _cannot(self, why: str) -> EnvformError:
        detail = f"`{self.found.called}` {why}. There are the formats {', '.join(FORMATS)}."
        return EnvformError(Diagnostic.error("Nothing to export", detail))


_FORMATS: Mapping[str, Callable[[Exporter], Export]] = {
    AZUREML: Exporter.azureml,
    DOCKERFILE: Exporter.dockerfile,
    REQUIREMENTS: Exporter.requirements,
    PYLOCK: Exporter.pylock,
    CONDA_LOCK: Exporter.conda_lock,
}


def _left(detail: str) -> Diagnostic:
    return Diagnostic.warning(_LEFT, detail)


def _to_be_brought(near: Nearby) -> tuple[Diagnostic, ...]:
    """Files outside of the project are nowhere for others."""
    if not near.command:
        return ()
    detail = f"Packages that lie on this machine outside of the project. Bring them there:\n\n    {near.command}"
    return (_left(detail),)


def _has(lock: Lock, *kinds: str) -> bool:
    return any(one.kind in kinds for one in lock.artefacts)
