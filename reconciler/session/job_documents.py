"""Azure ML command jobs from their documents: the environment is found or registered, and then the job is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.language.azureml.job_data import Input, Output
from reconciler.language.azureml.jobs import JobDocument, read_job
from reconciler.language.azureml.references import EnvironmentReference
from reconciler.language.source import ProjectFiles
from reconciler.language.span import RefusedError, SpanError
from reconciler.language.yaml_documents import load
from reconciler.language.yaml_nodes import Node, plain
from reconciler.model.diagnostic import Diagnostic, Diagnostics, EnvformError
from reconciler.model.event import Told
from reconciler.model.work import WAYS, Mount, Way
from reconciler.session.catalogue import Catalogue, Found
from reconciler.session.direct import Stoppable, register_anonymous
from reconciler.session.jobs import Data, Task
from reconciler.session.running import run_task
from reconciler.session.ways import How

if TYPE_CHECKING:
    from reconciler.session import Session

_HERE = "outputs"


def run_document(
    session: Session,
    name: str,
    how: How,
    variables: Mapping[str, str],
    mounts: tuple[Mount, ...],
    stoppable: Stoppable,
) -> int:
    """Run the job of a document in the project's folder; its exit code. The variables are set over the job's own."""
    problems = Diagnostics()
    job = _read(session.root, name, problems)
    task = _task(job, (session.root / name).resolve().parent, problems) if job else None
    if job and not how.way:
        how = replace(how, way=_way(job, problems), rather=True)
    problems.check()
    for warning in problems:
        session.emit(Told(warning))
    if job is None or task is None:
        raise RuntimeError("what is wrong with a document has been told")
    found = _found(session, job, stoppable)
    task = replace(task, variables={**task.variables, **variables})
    return run_task(session, found, task, how, mounts)


def _read(root: Path, name: str, problems: Diagnostics) -> JobDocument | None:
    files = ProjectFiles(root)
    try:
        document = load(files.text(name), name)
    except RefusedError as refused:
        raise EnvformError(Diagnostic.error(refused.summary, refused.detail, hint=refused.hint)) from None
    return read_job(document, files, problems)


def _found(session: Session, job: JobDocument, stoppable: Stoppable) -> Found:
    """The environment that is meant, registered without a name where the job holds it."""
    environment = job.environment
    if not isinstance(environment, EnvironmentReference):
        content = plain(environment)
        return register_anonymous(session, content if isinstance(content, dict) else {}, stoppable)
    place = job.document.place("environment")
    if environment.registry or environment.scope:
        detail = f"`{environment}` is kept by Azure ML, and envform runs what is registered in its own workspaces."
        hint = f"declare it here, and write `azureml:{environment.name}@latest`"
        raise EnvformError(Diagnostic.error("Environment is elsewhere", detail, hint=hint).at(place))
    named = environment.version or environment.label
    try:
        found = Catalogue(session).find(str(environment).partition(":")[2])
    except EnvformError as error:
        raise EnvformError(*(item.at(place) for item in error.diagnostics)) from error
    if not named:
        detail = f"`{environment}` names no version, which Azure ML refuses. Here it means the latest: {found.called}."
        hint = f"write `azureml:{environment.name}@latest`"
        session.emit(Told(replace(Diagnostic.warning("Reference without version", detail), hint=hint).at(place)))
    return found


def _task(job: JobDocument, folder: Path, problems: Diagnostics) -> Task:
    def refuse(at: Node, field: str, path: Path) -> None:
        there = "that is no folder" if path.exists() else "nothing is there"
        detail = f"`{field}` is `{path}`, and {there}. Paths of a job are relative to its document."
        problems.add(job.document.diagnostic(SpanError("No such file or folder", detail, at.start, at.end)))

    code = (folder / job.code.text).resolve() if job.code else None
    if job.code and code and not code.is_dir():
        refuse(job.code, "code", code)
    inputs = {name: _input(one, folder) for name, one in job.inputs.items()}
    for name, one in inputs.items():
        if isinstance(one, Data) and not one.path.exists():
            refuse(job.inputs[name].at, f"inputs.{name}", one.path)
    outputs = {name: _output(name, one, folder) for name, one in job.outputs.items()}
    return Task(job.command, code, job.variables, inputs, outputs, job.limit)


def _input(one: Input, folder: Path) -> str | Data:
    return Data((folder / Path(one.text).expanduser()).resolve(), one.writable) if one.is_path else one.text


def _output(name: str, one: Output, folder: Path) -> Data:
    path = (folder / Path(one.path or f"{_HERE}/{name}").expanduser()).resolve()
    return Data(path, writable=True, is_file=one.is_file)


def _way(job: JobDocument, problems: Diagnostics) -> Way | None:
    """Where the document wants to be run; a cluster's name is told to mean nothing here."""
    compute = job.compute
    if compute is None:
        return None
    for way in WAYS:
        if compute.text == way:
            return way
    detail = f"The job names the compute target `{compute.text[:80]}`. Here it runs on this machine."
    warning = Diagnostic.warning("Compute target is this machine", detail)
    problems.add(warning.at(job.document.place("compute")))
    return None
