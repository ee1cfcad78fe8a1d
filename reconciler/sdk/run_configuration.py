"""How a script is run, as Azure ML's first SDK says it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import InitVar, dataclass, field
from pathlib import Path

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.sdk.conda_dependencies import CondaDependencies
from reconciler.sdk.environment import Environment
from reconciler.sdk.jobs import CommandJob

_PYTHON = "3.12"


@dataclass(slots=True)
class DockerConfiguration:
    """Whether a container is used. The environment and the machine say where a script runs, whatever this says."""

    use_docker: bool = True
    shared_volumes: bool = True
    arguments: Sequence[str] = ()
    shm_size: str | None = None


@dataclass(slots=True)
class RunConfiguration:
    """An environment with where to run in it; the compute target is this machine, whatever it says."""

    script: str | None = None
    arguments: Sequence[object] = ()
    framework: str | None = None
    communicator: str | None = None
    conda_dependencies: InitVar[CondaDependencies | None] = None
    target: object = "local"
    environment: Environment = field(default_factory=Environment)
    environment_variables: dict[str, str] = field(default_factory=dict)
    docker: DockerConfiguration = field(default_factory=DockerConfiguration)

    def __post_init__(self, conda_dependencies: CondaDependencies | None) -> None:
        if conda_dependencies is not None:
            self.environment.python.conda_dependencies = conda_dependencies

    @property
    def chosen(self) -> Environment:
        """The environment; one that says nothing is the Python that envform takes where none is asked for."""
        from reconciler.sdk.fields import described

        return self.environment if described(self.environment) else Environment(python_version=_PYTHON)


@dataclass(slots=True)
class ScriptRunConfig:
    """A Python script with its folder, in an environment. The compute target is this machine, whatever it says.

    `distributed_job_config` has no effect, of which the workspace's `warnings` tell.
    """

    source_directory: str | Path | None = None
    script: str | None = None
    arguments: Sequence[object] = ()
    run_config: RunConfiguration = field(default_factory=RunConfiguration)
    compute_target: object = None
    environment: Environment | None = None
    distributed_job_config: object = None
    max_run_duration_seconds: float | None = None
    command: Sequence[str] | str | None = None
    docker_runtime_config: DockerConfiguration | None = None

    @property
    def job(self) -> CommandJob:
        """The same as a command line."""
        environment = self.environment or self.run_config.chosen
        made = CommandJob(self._line(environment), environment, self.source_directory or ".")
        made.environment_variables = dict(self.run_config.environment_variables)
        made.timeout = self.max_run_duration_seconds
        made.distribution = self.distributed_job_config
        return made

    def _line(self, environment: Environment) -> str:
        if self.command is not None:
            return self.command if isinstance(self.command, str) else shlex.join(map(str, self.command))
        script = self.script or self.run_config.script
        if not script:
            detail = "A script is run in an environment, and neither `script` nor `command` says which one."
            raise EnvformError(Diagnostic.error("Script is missing", detail))
        arguments = self.arguments or self.run_config.arguments
        words = shlex.split(arguments) if isinstance(arguments, str) else map(str, arguments)
        return shlex.join([environment.interpreter_path or "python", script, *words])
