"""Where the image of a registered environment is, and how it came about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reconciler.model.diagnostic import EnvformError

if TYPE_CHECKING:
    from reconciler.session import Session
    from reconciler.session.catalogue import Found

_PYTHON = "/opt/env/bin/python"


class ImageDetails(dict[str, Any]):
    """The mapping that Azure ML's first SDK gives, with its parts by name."""

    @property
    def image(self) -> str:
        """The image with its digest."""
        return str(self["dockerImage"]["name"])

    @property
    def registry(self) -> str:
        """Where it is."""
        return str(self["dockerImage"]["registry"])

    @property
    def dockerfile(self) -> str:
        """A Dockerfile that gives the same."""
        return str(self["ingredients"]["dockerfile"])


def image_details(session: Session, found: Found) -> ImageDetails:
    """What is recorded, and whether the registry has it."""
    record = found.record
    packages = record.definition.packages or record.definition.conda
    return ImageDetails(
        {
            "dockerImage": {"name": f"{found.called}@{record.image}", "registry": session.settings.registry},
            "imageExistsInRegistry": _there(session, found),
            "pythonEnvironment": _python(record.details.interpreter_path, own=bool(packages)),
            "ingredients": {"dockerfile": _dockerfile(session, found)},
            "hash": record.hash,
        }
    )


def _python(interpreter: str, *, own: bool) -> Mapping[str, str | None]:
    prefix = _PYTHON.rpartition("/bin/")[0] if own else None
    return {"interpreterPath": _PYTHON if own else interpreter or "python", "condaEnvironmentPath": prefix}


def _there(session: Session, found: Found) -> bool:
    from reconciler.session.running import image_of

    try:
        image_of(session, found)
    except EnvformError:
        return False
    return True


def _dockerfile(session: Session, found: Found) -> str:
    from reconciler.session.exports import DOCKERFILE, Exporter

    context = found.record.definition.context
    try:
        if context is not None:
            return (session.root / context.path / context.dockerfile).read_text(encoding="utf-8")
        lock = session.recorded.locks.get(found.record.lock)
        return Exporter(found, lock, session.root, None).export(DOCKERFILE).files["Dockerfile"]
    except (EnvformError, OSError):
        return ""
