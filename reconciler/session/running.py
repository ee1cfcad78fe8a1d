"""Jobs in registered environments: the image of the record, what it sets, and whoever runs it here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.model.diagnostic import Diagnostic, EnvformError, Severity
from reconciler.model.event import ChangeProgressed, Told
from reconciler.model.publication import CACHE
from reconciler.model.work import Job, Mount
from reconciler.oci.reference import Name
from reconciler.session.catalogue import Catalogue, Found
from reconciler.session.parts import cache_folder

if TYPE_CHECKING:
    from reconciler.model.address import Address
    from reconciler.model.definition import Definition, Lock
    from reconciler.oci.image import Image
    from reconciler.protocols import Runner
    from reconciler.session import Session


def run_job(
    session: Session,
    text: str,
    command: tuple[str, ...],
    variables: Mapping[str, str],
    mounts: tuple[Mount, ...] = (),
    folder: str = "",
) -> int:
    """Run a command in the environment that the text calls for; the exit code, as a shell would tell it."""
    found = Catalogue(session).find(text)
    if found.record.archived:
        session.emit(Told(_archived(found)))
    image = image_of(session, found)
    declared = found.record.details.environment_variables
    job = Job(command, {**declared, **variables}, mounts, folder)
    record = found.record
    runner = runner_of(session, record.definition, session.recorded.locks[record.lock], found.registered.address)
    return runner.run(job, image, session.emit).exit_code


def image_of(session: Session, found: Found) -> Image:
    """The recorded image, by its digest; EnvformError where the registry does not have it any more."""
    record = found.record
    image = session.registry.pull(Name(CACHE, record.hash, record.image), record.definition.platform)
    if image is None:
        raise EnvformError(
            Diagnostic.error(
                "Image is gone",
                f"`{found.called}` is registered with the image {record.image.short}, and `{session.settings.registry}`"
                " has it no longer. `envform drift` shows all that is missing there, and the next `envform apply` "
                "puts back what is declared.",
                address=found.registered.address,
            )
        )
    return image


def measured(session: Session, found: Found) -> tuple[int, int]:
    """How many layers the image has, and how many bytes; a warning and zeros where the registry does not tell."""
    try:
        image = image_of(session, found)
    except EnvformError as error:
        for item in error.diagnostics:
            session.emit(Told(replace(item, severity=Severity.WARNING)))
        return 0, 0
    return len(image.layers), sum(blob.descriptor.size for blob in image.blobs) + len(image.manifest)


def runner_of(session: Session, definition: Definition, lock: Lock, address: Address) -> Runner:
    """What runs jobs in an image of the definition, on this machine."""
    from reconciler.runners.local import LocalRunner
    from reconciler.runners.oci import OciRunner

    if definition.runtime == "local":
        return LocalRunner(lambda: session.parts.venv.folder_of(definition.hash, lock, session.emit))
    step = ChangeProgressed(address, "Unpacking the image, once for its digest...")
    return OciRunner(cache_folder(), lambda _: session.emit(step))


def _archived(found: Found) -> Diagnostic:
    return Diagnostic.warning(
        "Environment is archived",
        f"`{found.called}` is archived: it still runs, and nobody should begin to use it. "
        f"`envform env restore {found.registered.name}` takes that back.",
    )
