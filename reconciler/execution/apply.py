"""A plan carried out: work in parallel, each finished change journalled at once, the state written at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import field, replace
from graphlib import CycleError, TopologicalSorter

from reconciler.execution.persistence import Persistence
from reconciler.execution.publish import Done, Publisher
from reconciler.execution.walk import Omitted, walk
from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.environment import Settings
from reconciler.model.event import (
    ApplyFinished,
    ChangeContinues,
    ChangeFailed,
    ChangeFinished,
    ChangeProgressed,
    ChangeSkipped,
    ChangeStarted,
    Event,
)
from reconciler.model.frozen import dataclass
from reconciler.model.plan import Action, Change, Effect, ImageOutcome, Plan
from reconciler.model.publication import CACHE, expected_tags
from reconciler.model.state import Entry, RecordedOutput, Registered, State
from reconciler.protocols import EventSink, StateBackend

_Key = tuple[Address, str]
_Tag = tuple[str, str]
_WAITING_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Finished:
    """A change whose work is done and not yet recorded."""

    done: Done
    seconds: float


def _as_planned(change: Change, _: State) -> Change:
    return change


@dataclass(slots=True)
class Applier:
    """Carries out one plan; the caller holds the state's lock. Only the thread that calls `run` touches state.

    `stopped` is asked before each change is begun; `new_lineage` names a state that has never been written;
    `outputs` says what is to be recorded of them once everything is done; `pause` waits before a second try.
    `complete` works out what of a change could not be told before what it stands on was there.
    """

    backend: StateBackend
    publisher: Publisher
    emit: EventSink
    clock: Callable[[], float]
    stopped: Callable[[], bool]
    new_lineage: Callable[[], str]
    outputs: Callable[[State], Mapping[str, RecordedOutput]]
    pause: Callable[[float], None]
    parallelism: int
    state: State
    complete: Callable[[Change, State], Change] = _as_planned
    failures: list[Diagnostic] = field(default_factory=list)
    done: Counter[Effect] = field(default_factory=Counter)
    _begun: dict[_Key, float] = field(default_factory=dict)
    _staying: Collection[_Tag] = ()

    def run(self, plan: Plan) -> State:
        """The state afterwards, with everything kept that was finished.

        Raises EnvformError with all that failed, KeyboardInterrupt when it was stopped before the end.
        """
        check_current(plan, self.state)
        if plan.work or plan.output_changes:
            self._begin()
        omitted = self._carry_out(plan)
        self.emit(self._finished(plan, len(omitted.stopped) + len(omitted.blocked)))
        if self.failures:
            raise EnvformError(*self.failures)
        if omitted.stopped:
            raise KeyboardInterrupt
        return self.state

    def _begin(self) -> None:
        """The journal stands on a written state, so the very first apply writes one before it starts."""
        if not self.state.serial:
            self.state = replace(self.state, lineage=self.state.lineage or self.new_lineage(), serial=1)
            self.backend.write(self.state)

    def _carry_out(self, plan: Plan) -> Omitted[_Key]:
        # No `finally`: whatever ends this early leaves the journal, and the next command reads it.
        before = self.state
        self._staying = _staying(plan, before)
        by_key = {(change.address, change.name): change for change in plan.work}
        omitted = walk(
            _edges(plan),
            lambda key: self._visit(by_key[key]),
            lambda key, outcome: self._settle(by_key[key], outcome),
            self.parallelism,
            self.stopped,
            lambda running: self._tell_running(by_key[key] for key in running),
        )
        for key, cause in omitted.blocked.items():
            self.emit(ChangeSkipped(by_key[key].address, by_key[key].action, f"{cause[0]} failed"))
        for key in omitted.stopped:
            self.emit(ChangeSkipped(by_key[key].address, by_key[key].action, "interrupted"))
        whole = not (self.failures or omitted.blocked or omitted.stopped)
        outputs = self._outputs_after(before) if whole else before.outputs
        if self.state is not before or outputs != before.outputs:
            self.state = replace(self.state, serial=before.serial + 1, outputs=outputs)
            self.backend.write(self.state)
        return omitted

    def _outputs_after(self, before: State) -> Mapping[str, RecordedOutput]:
        """Where they cannot be told, what is done is done and recorded all the same."""
        try:
            return self.outputs(self.state)
        except EnvformError as error:
            self.failures.extend(error.diagnostics)
            return before.outputs

    def _finished(self, plan: Plan, skipped: int) -> ApplyFinished:
        done = self.done
        return ApplyFinished(
            added=done[Effect.ADD],
            changed=done[Effect.CHANGE],
            destroyed=done[Effect.DESTROY],
            failed=len(self.failures),
            skipped=skipped,
            imported=done[Effect.IMPORT],
            forgotten=done[Effect.FORGET],
            outputs=self.state.outputs,
            destroying=plan.mode == "destroy",
        )

    def _visit(self, change: Change) -> Finished:
        self.emit(ChangeStarted(change.address, change.action))
        started = self._begun[change.address, change.name] = self.clock()

        def emit(event: Event) -> None:
            self.emit(replace(event, address=change.address) if isinstance(event, ChangeProgressed) else event)

        if change.after and change.after.late:
            change = self.complete(change, self.state)
        persistence = Persistence(self.pause, self.stopped, self.emit)
        done = persistence.insist(
            change.address, lambda: self.publisher.carry_out(change, self.state, emit, self._staying)
        )
        return Finished(done, self.clock() - started)

    def _tell_running(self, changes: Iterable[Change]) -> None:
        for change in changes:
            begun = self._begun.get((change.address, change.name))
            if begun is not None:
                self.emit(ChangeContinues(change.address, change.action, self.clock() - begun))

    def _settle(self, change: Change, outcome: Finished | EnvformError) -> None:
        if isinstance(outcome, EnvformError):
            diagnostics = tuple(replace(item, address=change.address) for item in outcome.diagnostics)
            self.failures.extend(diagnostics)
            self.emit(ChangeFailed(change.address, change.action, diagnostics))
            return
        done = outcome.done
        entry = Entry(change.name, done.registered, done.locks, change.former)
        self.backend.append(entry)
        self.state = self.state.after(entry)
        self.done[change.action.effect] += 1
        latest = done.registered.latest if done.registered else change.before
        if latest is not None:
            self.emit(ChangeFinished(change.address, change.action, latest.version, latest.image, outcome.seconds))


def _edges(plan: Plan) -> Mapping[_Key, Collection[_Key]]:
    """Each change after those that it stands on, and what is taken away before what it stood on.

    What is already as it should be holds nobody up.
    """
    keys: dict[Address, list[_Key]] = {}
    for change in plan.work:
        keys.setdefault(change.address, []).append((change.address, change.name))
    edges: dict[_Key, list[_Key]] = {
        (change.address, change.name): [key for below in change.depends_on for key in keys.get(below, ())]
        for change in plan.work
    }
    going = {(change.address, change.name): change.before for change in plan.work if change.after is None}
    for key, before in going.items():
        for below in before.depends_on if before else ():
            for other in keys.get(below, ()):
                if other in going:
                    edges[other].append(key)
    return _without_circles(edges)


def _without_circles(edges: dict[_Key, list[_Key]]) -> Mapping[_Key, Collection[_Key]]:
    """Two records may say of each other that they stood on the other, each in its time; then no order is better."""
    while True:
        try:
            TopologicalSorter(edges).prepare()
        except CycleError as found:
            before, after, *_ = found.args[1]
            edges[after].remove(before)
        else:
            return edges


def _staying(plan: Plan, state: State) -> Collection[_Tag]:
    """What deletions leave alone: tags of those that stay, and what those that come or change find by hash."""
    going = {change.name for change in plan.work if change.action is Action.DELETE}
    if not going:
        return ()
    kept = {tag for name, one in state.environments.items() if name not in going for tag in expected_tags(one)}
    return kept | {(CACHE, change.after.hash) for change in plan.changes if change.after}


def suitable(plan: Plan, processors: int) -> int:
    """How many changes are best carried out at once. Where nothing is made they wait for disks and networks alone.

    A rebase makes nothing but a manifest: its layers are known.
    """
    making = any(
        change.image is ImageOutcome.BUILD or (change.after and change.after.details.verify) for change in plan.work
    )
    return 2 * processors if making else max(2 * processors, _WAITING_AT_ONCE)


def check_destination(plan: Plan, settings: Settings) -> None:
    """A plan is for one workspace and one registry."""
    for what, planned, now in (
        ("workspace", plan.workspace, settings.workspace),
        ("registry", plan.registry, settings.registry),
    ):
        if planned != now:
            raise EnvformError(
                Diagnostic.error(
                    "Plan was made for another destination",
                    f"The plan is for the {what} `{planned}`, and the configuration now says `{now}`. Plan again.",
                )
            )


def check_current(plan: Plan, state: State) -> None:
    """A plan is stale where a record that it touches has moved; anything else may have changed meanwhile."""
    if plan.lineage not in ("", state.lineage):
        found = f"has lineage {state.lineage}" if state.lineage else "is not there any more"
        raise EnvformError(
            Diagnostic.error(
                "Plan belongs to another state",
                f"The plan was made for the state with lineage {plan.lineage}, and this workspace's state {found}. "
                "Plan again in this workspace.",
            )
        )
    moved = [change for change in plan.work if not _stands(change, state.environments.get(change.recorded_name))]
    if moved:
        names = ", ".join(f"`{change.address}`" for change in moved)
        raise EnvformError(
            Diagnostic.error(
                "Plan is stale",
                f"Since the plan was made, what is recorded for {names} has changed. Plan again.",
            )
        )


def _stands(change: Change, registered: Registered | None) -> bool:
    """Whether the record that a change was decided on is still as it was, and a new version still new."""
    if registered is None or change.before is None:
        return registered is None and change.before is None
    unchanged = registered.version(change.before.version) == change.before
    taken = change.action is Action.NEW_VERSION and change.after and registered.version(change.after.version)
    return unchanged and not taken
