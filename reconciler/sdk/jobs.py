"""Jobs that programs run in environments, and what became of them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from reconciler.model.work import WAYS
from reconciler.sdk.environment import Environment
from reconciler.sdk.run_configuration import RunConfiguration

if TYPE_CHECKING:
    from reconciler.sdk.workspace import Workspace
    from reconciler.session.jobs import Data, Task
    from reconciler.session.ways import How

_FILE = "uri_file"


@dataclass(frozen=True)
class Input:
    """A file or folder of this machine that a job reads, in Azure ML's words; `direct` hands the path on as it is."""

    type: str = "uri_folder"
    path: str | Path = ""
    mode: str | None = None


@dataclass(frozen=True)
class Output:
    """A folder in which a job leaves something, or with `uri_file` the name of a file; by default below `outputs`."""

    type: str = "uri_folder"
    path: str | Path | None = None
    mode: str | None = None


Given = Input | str | int | float | bool


@dataclass
class CommandJob:
    """A command line in an environment, run by bash as in Azure ML; `code` becomes its current folder.

    `${{inputs.NAME}}` and `${{outputs.NAME}}` in it become values and paths. `compute` may be `docker`, `oci` or
    `local`; any other target is this machine.
    """

    command: str
    environment: Environment | str
    code: str | Path | None = None
    environment_variables: Mapping[str, str] = field(default_factory=dict)
    compute: str | None = None
    display_name: str | None = None
    experiment_name: str | None = None
    description: str | None = None
    inputs: Mapping[str, Given] = field(default_factory=dict)
    outputs: Mapping[str, Output] = field(default_factory=dict)

    def task(self, root: Path) -> Task:
        """What is run; outputs that say nothing of where they are lie in `root`."""
        from reconciler.session.jobs import Task

        code = Path(self.code).resolve() if self.code is not None else None
        inputs = {name: _input(one) for name, one in self.inputs.items()}
        outputs = {name: _output(root, name, one) for name, one in self.outputs.items()}
        return Task(self.command, code, self.environment_variables, inputs, outputs)

    @property
    def how(self) -> How:
        """Where it is run."""
        from reconciler.session.ways import How

        return How(next((way for way in WAYS if way == self.compute), None), rather=True)


class JobArguments(TypedDict, total=False):
    """Those of `command` that may be left out."""

    code: str | Path | None
    environment_variables: Mapping[str, str] | None
    compute: str | None
    display_name: str | None
    experiment_name: str | None
    description: str | None
    inputs: Mapping[str, Given] | None
    outputs: Mapping[str, Output] | None


def command(*, command: str, environment: Environment | str, **said: Unpack[JobArguments]) -> CommandJob:
    """A job; `workspace.jobs.create_or_update` runs it."""
    return CommandJob(
        command,
        environment,
        code=said.get("code"),
        environment_variables=said.get("environment_variables") or {},
        compute=said.get("compute"),
        display_name=said.get("display_name"),
        experiment_name=said.get("experiment_name"),
        description=said.get("description"),
        inputs=said.get("inputs") or {},
        outputs=said.get("outputs") or {},
    )


def _input(given: Given) -> str | Data:
    from reconciler.session.jobs import Data

    if not isinstance(given, Input):
        return str(given)
    if given.mode == "direct":
        return str(given.path)
    return Data(Path(given.path).resolve(), writable=given.mode == "rw_mount")


def _output(root: Path, name: str, given: Output) -> Data:
    from reconciler.session.jobs import Data

    path = Path(given.path) if given.path is not None else root / "outputs" / name
    return Data(path.resolve(), writable=True, is_file=given.type == _FILE)


@dataclass
class ScriptRunConfig:
    """A Python script with its folder, in an environment. The compute target is this machine, whatever it says."""

    source_directory: str | Path | None = None
    script: str | None = None
    arguments: Sequence[object] = ()
    run_config: RunConfiguration = field(default_factory=RunConfiguration)
    compute_target: object = None
    environment: Environment | None = None
    command: Sequence[str] | str | None = None

    @property
    def job(self) -> CommandJob:
        """The same as a command line."""
        environment = self.environment or self.run_config.chosen
        if self.command is not None:
            line = self.command if isinstance(self.command, str) else shlex.join(self.command)
        else:
            interpreter = environment.interpreter_path or "python"
            line = shlex.join([interpreter, str(self.script), *map(str, self.arguments)])
        return CommandJob(line, environment, self.source_directory or ".")


@dataclass(frozen=True)
class Run:
    """A job that has ended."""

    environment: str
    exit_code: int
    workspace: Workspace | None = field(default=None, repr=False, compare=False)

    def get_environment(self) -> Environment:
        """The environment that it ran in."""
        if self.workspace is None:
            raise ValueError("this run belongs to no workspace")
        return self.workspace.environments.called(self.environment)

    @property
    def status(self) -> str:
        """In Azure ML's words."""
        return "Failed" if self.exit_code else "Completed"

    def wait_for_completion(self, *, show_output: bool = False, raise_on_error: bool = True) -> Mapping[str, object]:
        """It has ended already; what it wrote was seen as it came."""
        del show_output
        if self.exit_code and raise_on_error:
            raise RuntimeError(f"the job in `{self.environment}` ended with {self.exit_code}")
        return {"status": self.status, "exitCode": self.exit_code}

    def get_status(self) -> str:
        """In Azure ML's words."""
        return self.status


@dataclass(frozen=True)
class ImageBuild:
    """A registration that has ended well; had it not, it would have raised."""

    environment: Environment
    status: str = "Succeeded"

    def wait_for_completion(self, *, show_output: bool = False) -> ImageBuild:
        """It has ended already."""
        del show_output
        return self


class Experiment:
    """A name under which jobs are submitted; envform keeps no record of jobs."""

    def __init__(self, workspace: Workspace, name: str) -> None:
        self.workspace, self.name = workspace, name

    def submit(self, config: ScriptRunConfig | CommandJob) -> Run:
        """Run it now, to its end."""
        return self.workspace.jobs.create_or_update(config.job if isinstance(config, ScriptRunConfig) else config)


class Jobs:
    """`workspace.jobs`."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def create_or_update(self, job: CommandJob) -> Run:
        """Run it now, to its end. An environment that was never registered is so without a name."""
        return self._workspace.carry_out(job)
