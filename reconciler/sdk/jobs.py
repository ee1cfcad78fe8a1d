"""Jobs as programs describe them: a command line, what it works on, and the environment that it runs in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.work import WAYS
from reconciler.sdk.environment import Environment

if TYPE_CHECKING:
    from reconciler.session.jobs import Data, Task
    from reconciler.session.ways import How


class AssetTypes(StrEnum):
    """What inputs and outputs are; only a file is anything but a folder here."""

    URI_FILE = "uri_file"
    URI_FOLDER = "uri_folder"
    MLTABLE = "mltable"
    CUSTOM_MODEL = "custom_model"
    MLFLOW_MODEL = "mlflow_model"
    TRITON_MODEL = "triton_model"


class InputOutputModes(StrEnum):
    """How a job sees a path: all modes but `rw_mount` of an input and `direct` come to the same on one machine."""

    MOUNT = "mount"
    RO_MOUNT = "ro_mount"
    RW_MOUNT = "rw_mount"
    DOWNLOAD = "download"
    UPLOAD = "upload"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Input:
    """A file or folder of this machine that a job reads, in Azure ML's words; `direct` hands the path on as it is."""

    type: str = "uri_folder"
    path: str | Path = ""
    mode: str | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """A folder in which a job leaves something, or with `uri_file` the name of a file; by default below `outputs`."""

    type: str = "uri_folder"
    path: str | Path | None = None
    mode: str | None = None


Given = Input | str | int | float | bool


@dataclass(slots=True)
class CommandJob:
    """A command line in an environment, run by bash as in Azure ML; `code` becomes its current folder.

    `${{inputs.NAME}}` and `${{outputs.NAME}}` in it become values and paths. `compute` may be `docker`, `oci` or
    `local`; any other target is this machine. After `timeout` seconds it is ended. What asks for more than one process
    on this machine has no effect, of which the workspace's `warnings` tell.
    """

    command: str
    environment: Environment | str
    code: str | Path | None = None
    environment_variables: dict[str, str] = field(default_factory=dict)
    compute: str | None = None
    name: str | None = None
    display_name: str | None = None
    experiment_name: str | None = None
    description: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, Given] = field(default_factory=dict)
    outputs: dict[str, Output] = field(default_factory=dict)
    timeout: float | None = None
    instance_count: int | None = None
    distribution: object = None
    docker_args: object = None

    def set_limits(self, *, timeout: float) -> None:
        """End it after so many seconds."""
        self.timeout = timeout

    def task(self, root: Path) -> Task:
        """What is run; outputs that say nothing of where they are lie in `root`."""
        from reconciler.session.jobs import Task

        code = Path(self.code).resolve() if self.code is not None else None
        inputs = {name: _input(name, one) for name, one in self.inputs.items()}
        outputs = {name: _output(root, name, one) for name, one in self.outputs.items()}
        variables = {name: str(one) for name, one in self.environment_variables.items()}
        return Task(self.command, code, variables, inputs, outputs, self.timeout or 0.0)

    @property
    def how(self) -> How:
        """Where it is run."""
        from reconciler.session.ways import How

        return How(next((way for way in WAYS if way == self.compute), None), rather=True)

    @property
    def without_effect(self) -> Iterator[str]:
        """Arguments that ask for more than one process on this machine."""
        several = {"instance_count": self.instance_count not in (None, 1), "distribution": self.distribution}
        return (name for name, asked in {**several, "docker_args": self.docker_args}.items() if asked)


class JobArguments(TypedDict, total=False):
    """Those of `command` that may be left out. The last ones say how a job is listed, or what a cluster gives it."""

    code: str | Path | None
    environment_variables: Mapping[str, str] | None
    compute: str | None
    name: str | None
    display_name: str | None
    experiment_name: str | None
    description: str | None
    tags: Mapping[str, str] | None
    inputs: Mapping[str, Given] | None
    outputs: Mapping[str, Output] | None
    timeout: float | None
    instance_count: int | None
    distribution: object
    docker_args: object
    identity: object
    instance_type: str | None
    is_deterministic: bool
    job_tier: str | None
    locations: object
    priority: str | None
    properties: Mapping[str, str] | None
    services: object
    shm_size: str | None


def command(*, command: str, environment: Environment | str, **said: Unpack[JobArguments]) -> CommandJob:
    """A job; `workspace.jobs.create_or_update` runs it."""
    for name in said.keys() - JobArguments.__annotations__.keys():
        raise TypeError(f"command() got an unexpected keyword argument {name!r}")
    return CommandJob(
        command,
        environment,
        code=said.get("code"),
        environment_variables=dict(said.get("environment_variables") or {}),
        compute=said.get("compute"),
        name=said.get("name"),
        display_name=said.get("display_name"),
        experiment_name=said.get("experiment_name"),
        description=said.get("description"),
        tags=dict(said.get("tags") or {}),
        inputs=dict(said.get("inputs") or {}),
        outputs=dict(said.get("outputs") or {}),
        timeout=said.get("timeout"),
        instance_count=said.get("instance_count"),
        distribution=said.get("distribution"),
        docker_args=said.get("docker_args"),
    )


def _input(name: str, given: Given) -> str | Data:
    from reconciler.session.jobs import Data

    if not isinstance(given, Input):
        return str(given)
    if given.mode == InputOutputModes.DIRECT:
        return str(given.path)
    return Data(_here(f"inputs.{name}", given.path), writable=given.mode == InputOutputModes.RW_MOUNT)


def _output(root: Path, name: str, given: Output) -> Data:
    from reconciler.session.jobs import Data

    path = given.path if given.path is not None else root / "outputs" / name
    return Data(_here(f"outputs.{name}", path), writable=True, is_file=given.type == AssetTypes.URI_FILE)


def _here(field: str, path: str | Path) -> Path:
    from reconciler.language.azureml.job_data import ELSEWHERE, HERE, elsewhere

    if detail := elsewhere(str(path)):
        raise EnvformError(Diagnostic.error(ELSEWHERE, f"`{field}`: {detail}", hint=HERE))
    return Path(path).resolve()
