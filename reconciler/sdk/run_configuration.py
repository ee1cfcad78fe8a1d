"""How a script is run, as Azure ML's first SDK says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from reconciler.sdk.environment import Environment

_PYTHON = "3.12"


@dataclass
class DockerConfiguration:
    """Whether a container is used. The environment and the machine say where a script runs, whatever this says."""

    use_docker: bool = True
    shared_volumes: bool = True
    arguments: Sequence[str] = ()
    shm_size: str | None = None


@dataclass
class RunConfiguration:
    """An environment with where to run in it; the compute target is this machine, whatever it says."""

    script: str | None = None
    arguments: Sequence[object] = ()
    framework: str | None = None
    communicator: str | None = None
    target: object = "local"
    environment: Environment = field(default_factory=Environment)
    docker: DockerConfiguration = field(default_factory=DockerConfiguration)

    @property
    def chosen(self) -> Environment:
        """The environment; one that says nothing is the Python that envform takes where none is asked for."""
        from reconciler.sdk.fields import described

        return self.environment if described(self.environment) else Environment(python_version=_PYTHON)
