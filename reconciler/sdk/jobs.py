"""Jobs that programs run in environments, and what became of them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.sdk.environment import Environment

if TYPE_CHECKING:
    from reconciler.sdk.workspace import Workspace

_CODE = "/code"


@dataclass
class CommandJob:
    """A command line in an environment, run by bash as in Azure ML; `code` becomes its current folder."""

    command: str
    environment: Environment | str
    code: str | Path | None = None
    environment_variables: Mapping[str, str] = field(default_factory=dict)
    compute: str | None = None
    display_name: str | None = None
    experiment_name: str | None = None
    description: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """What is run."""
        return ("bash", "-c", self.command)


def command(
    *,
    command: str,
    environment: Environment | str,
    code: str | Path | None = None,
    environment_variables: Mapping[str, str] | None = None,
    compute: str | None = None,
    display_name: str | None = None,
    experiment_name: str | None = None,
    description: str | None = None,
) -> CommandJob:
    """A job; `workspace.jobs.create_or_update` runs it."""
    variables = environment_variables or {}
    return CommandJob(command, environment, code, variables, compute, display_name, experiment_name, description)


@dataclass
class ScriptRunConfig:
    """A Python script with its folder, in an environment. The compute target is this machine, whatever it says."""

    source_directory: str | Path | None = None
    script: str | None = None
    arguments: Sequence[object] = ()
    run_config: object = None
    compute_target: object = None
    environment: Environment | None = None
    command: Sequence[str] | str | None = None

    @property
    def job(self) -> CommandJob:
        """The same as a command line."""
        environment = self.environment or getattr(self.run_config, "environment", None)
        if environment is None:
            raise ValueError("a ScriptRunConfig needs an `environment`")
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
        mounts = {job.code: _CODE} if job.code is not None else {}
        folder = _CODE if job.code is not None else ""
        return self._workspace.run(
            job.environment, job.words, environment_variables=job.environment_variables, mounts=mounts, folder=folder
        )
