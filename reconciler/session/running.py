"""Jobs in registered environments: the image of the record, what it sets, and whoever runs it here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconciler.model.diagnostic import Diagnostic, EnvformError, RunError, Severity
from reconciler.model.event import ChangeProgressed, Told
from reconciler.model.number_text import counted
from reconciler.model.publication import CACHE
from reconciler.model.work import DOCKER, LOCAL, NOT_FOUND, Job, Mount, Way
from reconciler.oci.reference import Name
from reconciler.session.cache_space import trim_cache
from reconciler.session.catalogue import Catalogue, Found
from reconciler.session.jobs import Task
from reconciler.session.parts import cache_folder
from reconciler.session.ways import AS_USUAL, How, chosen

if TYPE_CHECKING:
    from reconciler.model.address import Address
    from reconciler.model.definition import Definition, Lock
    from reconciler.oci.image import Image
    from reconciler.protocols import EventSink, Runner
    from reconciler.session import Session


def run_job(
    session: Session,
    text: str,
    command: tuple[str, ...],
    variables: Mapping[str, str],
    mounts: tuple[Mount, ...] = (),
    folder: str = "",
    how: How = AS_USUAL,
) -> int:
    """Run a command in the environment that the text calls for; the exit code, as a shell would tell it."""
    place = found_place(session, Catalogue(session).find(text), how)
    return place.run(Job(command, variables, mounts, folder, gpus=how.gpus))


def run_task(session: Session, found: Found, task: Task, how: How = AS_USUAL, mounts: tuple[Mount, ...] = ()) -> int:
    """Carry a task out in an environment; its exit code."""
    task.check()
    place = found_place(session, found, how)
    task.make_outputs()
    job = task.on_this_machine() if place.name == LOCAL else task.in_container()
    job = replace(job, mounts=(*job.mounts, *mounts), gpus=how.gpus)
    try:
        return place.run(job)
    except RunError as error:
        if [item.summary for item in error.diagnostics] != [NOT_FOUND]:
            raise
        return place.run(replace(job, command=("sh", *job.command[1:])))  # not every image has bash


@dataclass(frozen=True)
class Place:
    """Where jobs run in one version."""

    session: Session
    found: Found
    name: Way

    def run(self, job: Job) -> int:
        """The exit code of a job that sees what the environment sets beside its own variables."""
        session, record = self.session, self.found.record
        image = image_of(session, self.found)
        job = replace(job, variables={**record.details.environment_variables, **job.variables})
        lock = session.recorded.locks[record.lock]
        runner = runner_of(session, record.definition, lock, self.found.registered.address, self.name)
        outcome = runner.run(job, image, session.emit)
        if not outcome.in_time:
            detail = f"The job in `{self.found.called}` took longer than {counted(job.limit, 'second')}, and was ended."
            session.emit(Told(Diagnostic.warning("Job took too long", detail)))
        return outcome.exit_code


def found_place(session: Session, found: Found, how: How) -> Place:
    """Where to run jobs in a version, as far as it can be run there; an archived one is told about."""
    if found.record.archived:
        session.emit(Told(_archived(found)))
    lock = session.recorded.locks[found.record.lock]
    way, warning = chosen(found.record.definition, lock, how)
    if warning:
        session.emit(Told(warning))
    return Place(session, found, way)


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


def runner_of(session: Session, definition: Definition, lock: Lock, address: Address, way: Way | None = None) -> Runner:
    """What runs jobs in an image of the definition, on this machine."""
    from reconciler.runners.local import LocalRunner
    from reconciler.runners.oci import OciRunner

    way = way or chosen(definition, lock, AS_USUAL)[0]
    if way == LOCAL:
        emit = _about(address, session.emit)
        return LocalRunner(lambda: session.parts.venv.folder_of(definition.hash, lock, emit))
    if way == DOCKER:
        return session.parts.docker_runner(address)
    step = ChangeProgressed(address, "Unpacking the image, once for its digest...")

    def begun(_: Image) -> None:
        session.emit(step)
        trim_cache()  # what is unpacked is large: there is to be room for it

    return OciRunner(cache_folder(), begun)


def _about(address: Address, emit: EventSink) -> EventSink:
    """Whoever makes an environment does not know for whom."""
    return lambda event: emit(replace(event, address=address) if isinstance(event, ChangeProgressed) else event)


def _archived(found: Found) -> Diagnostic:
    return Diagnostic.warning(
        "Environment is archived",
        f"`{found.called}` is archived: it still runs, and nobody should begin to use it. "
        f"`envform env restore {found.registered.name}` takes that back.",
    )
