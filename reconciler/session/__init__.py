"""The only place where parts are chosen and joined. A part is imported when used: to validate takes but one room."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.language.source import NO_CONFIGURATION, ProjectFiles
from reconciler.model.diagnostic import EnvformError
from reconciler.model.request import AS_DECLARED, Request
from reconciler.session.reading import ProjectReader

if TYPE_CHECKING:
    from reconciler.language.configuration import Configuration
    from reconciler.language.inputs import VariableFile, VariableText
    from reconciler.language.prompt import Prompt
    from reconciler.language.verdicts import Verdict
    from reconciler.model.environment import Settings
    from reconciler.model.plan import Plan
    from reconciler.model.state import State
    from reconciler.protocols import EventSink, LayerIndex, Registry, StateBackend
    from reconciler.registries import Registries
    from reconciler.session.aftermath import Aftermath
    from reconciler.session.parts import Parts


def utc_now() -> str:
    """The time as records keep it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Session:
    """One project folder with everything that it is connected to, opened when first used.

    `parallelism` is how many changes are carried out at once, 0: as many as suit the machine and the plan.

    `workspace` is one that was asked for, over what is selected and what the configuration says. `lock_timeout` are the
    seconds to wait for a state's lock; without `locking` none is taken. `added` are texts of configuration that no file
    holds, by the names that messages call them.
    """

    root: Path
    emit: EventSink
    now: Callable[[], str] = utc_now
    parallelism: int = 0
    variables: tuple[VariableText | VariableFile | Path, ...] = ()
    documents: tuple[str, ...] = ()
    workspace: str = ""
    locking: bool = True
    lock_timeout: float = 0.0
    added: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def reader(self) -> ProjectReader:
        """What reads the project's folder."""
        from reconciler.session.workspaces import asked_for

        chosen = asked_for(self.root, self.workspace)
        return ProjectReader(self.root, self.variables, self.documents, chosen, self.added)

    def for_plan(self, plan: Plan) -> Session:
        """The same with the variables that a saved plan was made with; only sensitive ones must be given again."""
        from reconciler.session.aftermath import check_given, given_again
        from reconciler.session.outputs import given

        again = given_again(plan)
        if self.variables:
            check_given(plan, given(replace(self, variables=(again, *self.variables)).reader.configuration))
        return replace(self, variables=(*self.variables, again))

    def in_workspace(self, name: str) -> Session:
        """The same project with another workspace."""
        return replace(self, workspace=name)

    @cached_property
    def configuration(self) -> Configuration:
        """What the project declares."""
        from reconciler.model.event import Told

        configuration = self.reader.configuration
        for warning in configuration.warnings:
            self.emit(Told(warning))
        return configuration

    def prompt(self) -> Prompt:
        """What answers questions about the configuration; in an empty folder there is nothing to refer to."""
        from reconciler.language.configuration import draft
        from reconciler.language.prompt import Prompt

        try:
            configuration = self.configuration
        except EnvformError as error:
            if [item.summary for item in error.diagnostics] != [NO_CONFIGURATION]:
                raise
            configuration = draft({}, files=ProjectFiles(self.root)).configuration
        return Prompt.of(configuration)

    def validate(self) -> Verdict:
        """All that can be said of the configuration without a registry or a state."""
        return self.reader.verdict(datetime.fromisoformat(self.now()).date())

    @property
    def settings(self) -> Settings:
        """The project's `envform` block."""
        return self.configuration.settings

    @cached_property
    def backend(self) -> StateBackend:
        """Where the workspace's state is kept."""
        from reconciler.session.holding import open_backend

        return open_backend(self)

    @cached_property
    def registry(self) -> Registry:
        """The workspace's own registry."""
        return self.open_registry(self.settings.registry)

    def open_registry(self, place: str) -> Registry:
        """Any registry, with folders taken from the project's root."""
        return self._registries.open(place)

    def plan(self, request: Request = AS_DECLARED) -> Plan:
        """What apply would do now. Takes no lock and changes nothing."""
        return self.plan_for(self.recorded, request)

    @contextmanager
    def locked(self, operation: str) -> Iterator[LockedSession]:
        """Nobody else writes the state until the end."""
        from reconciler.session.holding import hold

        with hold(self, operation):
            yield LockedSession(self, self.recorded)

    @property
    def recorded(self) -> State:
        """The state as it is kept now."""
        from reconciler.model.state import State
        from reconciler.session.workspaces import check_begun

        state = self.backend.read()
        if state is None:
            check_begun(self)
        return state or State(lineage="")

    def edges(self) -> Mapping[str, Sequence[str]]:
        """By address of environments and data what each stands on."""
        from reconciler.session.edges import edges

        return edges(self.configuration)

    def plan_for(self, state: State, request: Request) -> Plan:
        """What apply would do if this were the recorded state."""
        from reconciler.language.hcl import garbage_collection_paused
        from reconciler.model.event import Drifted, PlanFinished, Planned, ReadPlanned, Told
        from reconciler.model.observation import Level
        from reconciler.session.hidden_packages import hidden_packages
        from reconciler.session.outputs import given

        with garbage_collection_paused():
            plan = replace(self._decided(state, request), created=self.now(), files=self.reader.read)
            plan = replace(plan, variables=given(self.configuration))
        if request.level is Level.NONE and plan.mode == "normal":
            plan = replace(plan, mode="unlooked")
        for told in hidden_packages(plan):
            self.emit(Told(told))
        for change in plan.drift:
            self.emit(Drifted(change))
        for read in plan.reads:
            self.emit(ReadPlanned(read))
        for change in plan.work:
            self.emit(Planned(change))
        self.emit(PlanFinished(plan))
        return plan

    def _decided(self, state: State, request: Request) -> Plan:
        if request.destroy:
            from reconciler.session.destruction import Destruction

            return Destruction(self.configuration, self.registry, state, request).plan()
        from reconciler.execution.locks import Locks
        from reconciler.model.event import PlanFinished
        from reconciler.session.decisions import Decisions
        from reconciler.session.foresight import Looks

        parts = self.parts
        locks = Locks(state, lambda: parts.resolver, parts.python_of, parts.check_fit, haste=True)
        looks = Looks(parts.check_engine, parts.check_interpreter)
        decisions = Decisions(self.configuration, self.registry, self.open_registry, locks, looks, state, request)
        try:
            return decisions.plan(self.emit)
        except EnvformError:
            if (plan := decisions.so_far()).work:
                self.emit(PlanFinished(plan))
            raise

    @cached_property
    def _registries(self) -> Registries:
        """What opens them: one for the session, so that connections and tokens are shared."""
        from reconciler.registries import Registries
        from reconciler.session.parts import cache_folder

        return Registries(self.root, cache_folder() / "pulled")

    @cached_property
    def parts(self) -> Parts:
        """What resolves and builds."""
        from reconciler.session.parts import Parts

        return Parts(self.root, self.emit, self.open_registry, self._layer_index)

    def _layer_index(self) -> LayerIndex | None:
        from reconciler.session.layer_index import open_layer_index

        return open_layer_index(lambda: self.registry)


@dataclass(frozen=True)
class LockedSession:
    """A session that holds its state's lock, and the state as it was read under it."""

    session: Session
    state: State

    def plan(self, request: Request = AS_DECLARED) -> Plan:
        """What apply would do; nobody can change what it stands on until the lock is given back."""
        return self.session.plan_for(self.state, request)

    def apply(self, plan: Plan, stopped: Callable[[], bool] = lambda: False, build_timeout: float = 0.0) -> State:
        """Carry out a plan; raises EnvformError when it is stale or when any of its changes failed.

        A build that takes longer than `build_timeout` seconds fails; 0: it may take as long as it needs.
        """
        import random
        import uuid

        from reconciler.execution.apply import Applier, check_destination, suitable
        from reconciler.session.aftermath import check_unchanged
        from reconciler.session.building import Building
        from reconciler.session.fallback import Fallback, all_told
        from reconciler.session.outputs import outputs_after

        session = self.session
        building = Building(session, plan, stopped, build_timeout)
        check_destination(plan, session.settings)
        check_unchanged(plan, session.reader.sources)
        backend = Fallback(session.backend, (session.root, Path()))
        aftermath = self._aftermath
        applier = Applier(
            backend=backend,
            publisher=building.publisher,
            emit=session.emit,
            clock=time.monotonic,
            stopped=lambda: stopped() or backend.failed,
            new_lineage=lambda: str(uuid.uuid4()),
            outputs=lambda state: outputs_after(plan, aftermath, state),
            complete=lambda change, state: aftermath.completed(change, plan, state),
            pause=lambda seconds: time.sleep(random.uniform(seconds / 2, seconds)),  # noqa: S311 - jitter
            parallelism=session.parallelism or suitable(plan, os.cpu_count() or 1),
            state=self.state,
        )
        with all_told(applier.failures):
            try:
                return applier.run(plan)
            finally:
                building.tidy()

    @property
    def _aftermath(self) -> Aftermath:
        from reconciler.session.aftermath import Aftermath

        session = self.session
        return Aftermath(session.configuration, session.open_registry, session.emit, time.monotonic)
