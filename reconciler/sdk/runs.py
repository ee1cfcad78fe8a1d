"""What became of jobs and of image builds that programs asked for."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from reconciler.model.diagnostic import Diagnostic, NotFoundError
from reconciler.model.suggestion import did_you_mean

if TYPE_CHECKING:
    from reconciler.sdk.environment import Environment
    from reconciler.sdk.jobs import CommandJob
    from reconciler.sdk.run_configuration import ScriptRunConfig
    from reconciler.sdk.workspace import Workspace


@dataclass(frozen=True)
class Run:
    """A job that has ended, under the name that it was given or a new one; `studio_url` is empty: there is none."""

    environment: str
    exit_code: int
    workspace: Workspace | None = field(default=None, repr=False, compare=False)
    name: str = field(default_factory=lambda: str(uuid.uuid4()), compare=False)
    studio_url: str = field(default="", repr=False, compare=False)

    @property
    def id(self) -> str:
        """The name, as the first SDK calls it."""
        return self.name

    def get_environment(self) -> Environment:
        """The environment that it ran in."""
        if self.workspace is None:
            raise ValueError("this run belongs to no workspace")
        return self.workspace.environments.called(self.environment)

    @property
    def status(self) -> str:
        """In Azure ML's words."""
        return "Failed" if self.exit_code else "Completed"

    def get_status(self) -> str:
        """In Azure ML's words."""
        return self.status

    def get_details(self) -> Mapping[str, object]:
        """What is known of it."""
        return {"runId": self.name, "target": "local", "status": self.status, "exitCode": self.exit_code}

    def get_portal_url(self) -> str:
        """Nothing: jobs are seen where they run."""
        return self.studio_url

    def wait_for_completion(self, *, show_output: bool = False, raise_on_error: bool = True) -> Mapping[str, object]:
        """It has ended already; what it wrote was seen as it came. RuntimeError where it failed."""
        del show_output
        if self.exit_code and raise_on_error:
            raise RuntimeError(f"the job in `{self.environment}` ended with {self.exit_code}")
        return {"status": self.status, "exitCode": self.exit_code}


@dataclass(frozen=True)
class ImageBuild:
    """A registration that has ended well; had it not, it would have raised."""

    environment: Environment
    status: str = "Succeeded"

    def wait_for_completion(self, *, show_output: bool = False) -> ImageBuild:
        """It has ended already."""
        del show_output
        return self


class Jobs:
    """`workspace.jobs`: those that this object has run. Nothing is kept of them when the program ends."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._ended: dict[str, Run] = {}

    def create_or_update(self, job: CommandJob) -> Run:
        """Run it now, to its end. An environment that was never registered is so without a name."""
        run = self._workspace.carry_out(job)
        run = replace(run, name=job.name) if job.name else run
        self._ended[run.name] = run
        return run

    def get(self, name: str) -> Run:
        """One of them; NotFoundError where this object has run no such job."""
        run = self._ended.get(name)
        if run is None:
            detail = f"This program has run no job `{name}` in this workspace, and envform keeps no record of jobs."
            raise NotFoundError(Diagnostic.error("Unknown job", detail, hint=did_you_mean(name, self._ended)))
        return run

    def list(self) -> Iterator[Run]:
        """All of them, the newest first."""
        return reversed(self._ended.values())

    def stream(self, name: str) -> None:
        """What it wrote was seen as it came. RuntimeError where it failed."""
        self.get(name).wait_for_completion()


class Experiment:
    """A name under which jobs are submitted; envform keeps no record of jobs."""

    def __init__(self, workspace: Workspace, name: str) -> None:
        self.workspace, self.name = workspace, name

    def submit(self, config: ScriptRunConfig | CommandJob, tags: Mapping[str, str] | None = None) -> Run:
        """Run it now, to its end. Tags say how a job is listed, and jobs are not."""
        from reconciler.sdk.run_configuration import ScriptRunConfig

        del tags
        return self.workspace.jobs.create_or_update(config.job if isinstance(config, ScriptRunConfig) else config)
