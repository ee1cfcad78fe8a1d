"""A project folder with its registry and its state, for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, overload

from reconciler.model.diagnostic import Diagnostic
from reconciler.model.request import AS_DECLARED, Request
from reconciler.sdk.environment import Environment
from reconciler.sdk.environments import WITHOUT_EFFECT, Environments
from reconciler.sdk.jobs import CommandJob
from reconciler.sdk.runs import Jobs, Run

if TYPE_CHECKING:
    from reconciler.model.event import Event
    from reconciler.model.plan import Plan
    from reconciler.model.state import State
    from reconciler.model.work import Way
    from reconciler.session import Session

_SETTINGS = "workspace.envform.yaml"
_PATIENCE = 300.0


class Workspace:
    """Opens nothing before it is asked for something; everything goes the way of the command line.

    A folder without configuration of its own is told its `registry` here. `images` are base images to take in the place
    of others, by their names with a tag or without. `hear` is called with each event; what only warns is kept in
    `warnings`. While another program or thread changes the state, it is waited for up to `lock_timeout` seconds.
    """

    def __init__(
        self,
        path: str | Path = ".",
        *,
        registry: str | None = None,
        workspace: str = "",
        images: Mapping[str, str] | None = None,
        hear: Callable[[Event], None] | None = None,
        lock_timeout: float = _PATIENCE,
    ) -> None:
        self.path = Path(path)
        self.images = dict(images or {})
        self.warnings: list[Diagnostic] = []
        self._registry, self._workspace, self._hear, self._patience = registry, workspace, hear, lock_timeout
        self.environments = Environments(self)
        self.jobs = Jobs(self)

    @classmethod
    def from_config(cls, path: str | Path = ".") -> Workspace:
        """The workspace of a folder."""
        return cls(path)

    @property
    def name(self) -> str:
        """Which of the folder's workspaces it is."""
        from reconciler.session import workspaces

        return workspaces.current(self.session)

    def plan(self, request: Request = AS_DECLARED) -> Plan:
        """What apply would do now; changes nothing and takes no lock."""
        return self._opened().plan(request)

    def apply(self, plan: Plan | None = None) -> State:
        """Carry out a plan, or what planning now would give; returns what is recorded afterwards."""
        with self._opened().locked("apply") as locked:
            return locked.apply(locked.plan() if plan is None else plan)

    def drift(self) -> Plan:
        """A plan that looked closely; its `drift` are the changes that nobody asked for."""
        from reconciler.model.observation import Level

        return self._opened().plan(Request(level=Level.DIGESTS))

    def run(
        self,
        environment: Environment | str,
        command: Sequence[str],
        *,
        environment_variables: Mapping[str, str] | None = None,
        mounts: Mapping[str | Path, str] | None = None,
        folder: str = "",
        on: Way | None = None,
        gpus: str = "",
    ) -> Run:
        """Run a command in an environment, to its end; one that has no version yet is registered without a name.

        `mounts` are paths in the container by paths of this machine. `on` and `gpus` are those of `envform run`.
        """
        from reconciler.model.work import Mount
        from reconciler.session.running import run_job
        from reconciler.session.ways import How

        called = self._called(environment)
        shown = tuple(Mount(str(Path(source).resolve()), target, True) for source, target in (mounts or {}).items())
        how, variables = How(on, gpus), environment_variables or {}
        return Run(called, run_job(self._opened(), called, tuple(command), variables, shown, folder, how), self)

    def carry_out(self, job: CommandJob) -> Run:
        """Run a job to its end, as `envform run -f` does."""
        from reconciler.session.catalogue import Catalogue
        from reconciler.session.running import run_task

        for name in job.without_effect:
            detail = f"`{name}` is of clusters and their containers. Here the job runs once, on this machine."
            self.hear_diagnostic(Diagnostic.warning(WITHOUT_EFFECT, detail))
        task, called = job.task(self.path), self._called(job.environment)
        session = self._opened()
        return Run(called, run_task(session, Catalogue(session).find(called), task, job.how), self)

    @overload
    def create_or_update(self, entity: Environment) -> Environment: ...

    @overload
    def create_or_update(self, entity: CommandJob) -> Run: ...

    def create_or_update(self, entity: Environment | CommandJob) -> Environment | Run:
        """Register an environment, or run a job."""
        if isinstance(entity, Environment):
            return self.environments.create_or_update(entity)
        return self.jobs.create_or_update(entity)

    def _called(self, environment: Environment | str) -> str:
        from reconciler.session.direct import register_anonymous

        if isinstance(environment, str):
            return environment.removeprefix("azureml:")
        if environment.as_registered:
            return environment.id
        return register_anonymous(self._opened(), self.environments.fields(environment)).called

    def _opened(self) -> Session:
        """A session that sees the files as they are now."""
        self.__dict__.pop("session", None)
        return self.session

    @cached_property
    def session(self) -> Session:
        """What the command line would use."""
        from reconciler.session import Session

        settings = {"envform": {"registry": self._registry}}
        added = {_SETTINGS: json.dumps(settings)} if self._registry else {}
        chosen = self._workspace
        return Session(self.path, self._heard, workspace=chosen, added=added, lock_timeout=self._patience)

    def hear_diagnostic(self, diagnostic: Diagnostic) -> None:
        """Keep a warning."""
        self.warnings.append(diagnostic)

    def _heard(self, event: Event) -> None:
        from reconciler.model.event import Told

        if isinstance(event, Told):
            self.hear_diagnostic(event.diagnostic)
        if self._hear is not None:
            self._hear(event)
