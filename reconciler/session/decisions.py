"""Goes address by address, each after what it stands on, and feeds back what is certain."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from graphlib import TopologicalSorter

from reconciler.execution.locks import Locks, NotYetError, foreseen_python
from reconciler.execution.survey import Bases, OpenRegistry, RegistrySurvey
from reconciler.language.configuration import Configuration
from reconciler.language.evaluation import check_assertions, check_finished, check_results, evaluate, evaluate_data
from reconciler.language.no_files import NoFiles
from reconciler.model.address import Address
from reconciler.model.definition import Lock
from reconciler.model.diagnostic import Diagnostic, Diagnostics, EnvformError, distinct
from reconciler.model.environment import Environment
from reconciler.model.event import Told
from reconciler.model.intent import Import
from reconciler.model.plan import Action, Change, ImageOutcome, Plan, TagMoved
from reconciler.model.request import Request
from reconciler.model.state import State
from reconciler.model.suggestion import did_you_mean_address
from reconciler.oci.reference import Place
from reconciler.planning.assemble import assemble
from reconciler.planning.decide import Situation, decide
from reconciler.planning.drift import held_by_others, held_warning
from reconciler.planning.imports import already_managed, decide_import, wanted_version
from reconciler.planning.moves import Resettled, resettle
from reconciler.planning.publishable import check_publishable
from reconciler.planning.refusals import check_new_name
from reconciler.planning.selection import selected
from reconciler.protocols import EventSink, Registry
from reconciler.session.blueprints import Foundations
from reconciler.session.edges import below, edges, standing_on
from reconciler.session.foresight import Looks
from reconciler.session.lookups import data_lookup, decided_values, find_published, reference_of
from reconciler.session.machine import on_this_machine
from reconciler.session.outputs import output_changes
from reconciler.session.reads import Reads
from reconciler.session.situations import Situations
from reconciler.session.undeclared import Undeclared


@dataclass
class Decisions:
    """All decisions of one plan. `known` holds by address what expressions may say of what is decided."""

    configuration: Configuration
    registry: Registry
    open_registry: OpenRegistry
    locks: Locks
    looks: Looks
    state: State
    request: Request
    known: dict[str, Mapping[str, object]] = field(default_factory=dict)
    environments: dict[str, Environment] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)
    problems: Diagnostics = field(default_factory=Diagnostics)
    shared: list[str] = field(default_factory=list)

    def plan(self, emit: EventSink) -> Plan:
        """The whole plan; EnvformError with everything that stands in its way."""
        self._bases.foresee(self._bases_on_record())
        waiting = [address for address in self._order() if not self._visit(address)]
        self.locks.haste = False
        for address in waiting:
            self._visit(address)
        protecting = not self.request.looking
        undeclared = Undeclared(
            self.configuration, self.state, self.environments, lambda: self.survey, self.targets, protecting
        )
        gone = () if self.request.imports else undeclared.changes(set(self._former()), self.problems)
        Diagnostics(distinct(self.problems)).check()
        doubtful = distinct([*self.problems, *self._foundations.warnings])
        failed = check_assertions(self.configuration, self.known)
        for warning in (*self.resettled.warnings, *doubtful, *failed, *held_warning(sorted(self.shared))):
            emit(Told(warning))
        outputs = output_changes(self.configuration, self.known, self.state) if self.targets is None else ()
        changes = [one for one in self.changes.values() if not self._imports or one.action is Action.IMPORT]
        plan = assemble(self.configuration.settings, self.state, [*changes, *gone])
        orphans = self.survey.orphans(self.state.environments.values()) if self.request.orphans else ()
        reads = tuple(self._reads.found[one] for one in sorted(self._to_be_read(plan)))
        checks = check_results(self.configuration, self.known)
        plan = replace(plan, targets=self.request.targets, orphans=tuple(orphans), reads=reads, checks=checks)
        return replace(plan, outputs=outputs)

    def _to_be_read(self, plan: Plan) -> Collection[str]:
        """Data that apply looks up: with targets there are no outputs, so only what changes are worked out from."""
        if self.targets is None:
            return self._reads.found.keys()
        return self._reads.found.keys() & below(edges(self.configuration), *(one.address for one in plan.late))

    def _bases_on_record(self) -> Iterator[tuple[str, str]]:
        """What the recorded environments stand on, which most declared ones still do."""
        for registered in self.state.environments.values():
            definition = registered.latest.definition
            if definition.image and (self.targets is None or registered.address in self.targets):
                yield definition.image, definition.platform

    def so_far(self) -> Plan:
        """What was decided before something stood in the way."""
        plan = assemble(self.configuration.settings, self.state, self.changes.values())
        return replace(plan, targets=self.request.targets, errored=True)

    @property
    def survey(self) -> RegistrySurvey:
        """What the workspace's registry holds; one that cannot be asked is not asked again for each environment."""
        if isinstance(self._surveyed, EnvformError):
            raise self._surveyed
        return self._surveyed

    @cached_property
    def _surveyed(self) -> RegistrySurvey | EnvformError:
        try:
            return self._new_survey()
        except EnvformError as error:
            return error

    def _new_survey(self) -> RegistrySurvey:
        recorded = self.state.environments
        instances = self.configuration.instances.items()
        wanted = (one for address, one in instances if self.targets is None or address in self.targets)
        new = {instance.default_name for instance in wanted} - recorded.keys()
        return RegistrySurvey(self.registry, self.request.level, recorded.values(), new)

    @cached_property
    def resettled(self) -> Resettled:
        """What has moved to other addresses."""
        return resettle(self.state.environments.values(), self.configuration.moves, self.configuration.addresses)

    @cached_property
    def targets(self) -> frozenset[str] | None:
        """The addresses that the plan is limited to, with what they stand on; None: all."""
        if self._imports:
            wanted = [str(one.target) for one in self._imports]
        elif not self.request.targets:
            return None
        else:
            wanted = list(selected(self.request.targets, self._all_addresses, "-target"))
            # What has moved away is meant by its old address too: else it would be taken for gone.
            moved = self.resettled.by_address.items()
            wanted += [address for address, one in moved if one.address in wanted and address not in wanted]
        found: set[str] = set()
        while wanted:
            address = wanted.pop()
            if address not in found:
                found.add(address)
                wanted.extend(self.configuration.dependencies(Address(address)))
        return frozenset(found)

    @cached_property
    def _imports(self) -> tuple[Import, ...]:
        """What the command asks for, beside the blocks of the configuration."""
        for address, _ in self.request.imports:
            if address not in self.configuration.instances:
                hint = did_you_mean_address(address, self.configuration.addresses)
                detail = f"There is no `{address}` in this configuration. Declare it first, then import."
                raise EnvformError(Diagnostic.error("Nothing to import to", detail, hint=hint))
        return tuple(Import(Address(address), name, None) for address, name in self.request.imports)

    @cached_property
    def _all_addresses(self) -> Collection[str]:
        everything = {*self.configuration.addresses, *(one.address for one in self.state.environments.values())}
        return everything | {address.partition("[")[0] for address in everything}

    @cached_property
    def _place(self) -> Place:
        return Place.parse(self.configuration.settings.registry)

    @cached_property
    def _bases(self) -> Bases:
        return Bases(self.open_registry, reference_of(self._place, ""))

    @cached_property
    def _foundations(self) -> Foundations:
        return Foundations(self.configuration.project.files or NoFiles(), self._bases, self.open_registry)

    @cached_property
    def _situations(self) -> Situations:
        return Situations(
            self.state,
            self.registry,
            self._place,
            self._bases,
            self._foundations,
            lambda: self.survey,
            self.locks,
            self.resettled,
            replaced=selected(self.request.replace, self._all_addresses, "-replace"),
            upgraded=selected(self.request.upgrade, self._all_addresses, "-upgrade"),
            changes=self.changes,
            known=self.known,
        )

    @cached_property
    def _reads(self) -> Reads:
        instances = self.configuration.instances.items()
        declared = {instance.default_name: address for address, instance in instances}
        return Reads(data_lookup(self.configuration, self.state, self.open_registry), declared, self.changes)

    def _order(self) -> Iterator[str]:
        everything = edges(self.configuration)
        wanted = {one: below for one, below in everything.items() if self.targets is None or one in self.targets}
        return iter(tuple(TopologicalSorter(wanted).static_order()))

    def _visit(self, address: str) -> bool:
        """Decide one address; whether that was possible now.

        What stands on something wrong is not visited: its own mistakes come later.
        """
        below = self.configuration.dependencies(Address(address))
        if any(one not in self.known for one in below):
            return False
        try:
            if Address(address).is_data:
                source = evaluate_data(self.configuration, address, self.known)
                self.known[address] = self._reads.values(source, standing_on(self.configuration, address))
            else:
                self.changes[address] = self._decided(Address(address))
        except NotYetError:
            return False
        except EnvformError as error:
            self.problems.extend(error.diagnostics)
        return True

    def _decided(self, address: Address) -> Change:
        environment = on_this_machine(evaluate(self.configuration, address, self.known))
        self.environments[environment.name] = environment
        check_publishable(environment, self._place)
        change = self._change(self._situations.of(environment))
        if change.action is not Action.NOTHING:  # what was registered with a warning is not warned about for ever
            self.problems.extend(environment.warnings)
        if after := change.after:
            if change.image is ImageOutcome.BUILD:
                self.looks.for_engine(environment, after.definition, self._lock_of(change).scripted)
            self.looks.for_interpreter(environment, change, self._bases)
            self.known[address] = {**environment.values, **decided_values(environment.name, after, self._place)}
            is_built = after.image and after.definition.needs_engine
            base = self._bases.look_up(environment)
            content = None if is_built else base.content
            python = foreseen_python(after.definition, self._lock_of(change), base)
            self._bases.will_be(reference_of(self._place, after.hash), after.image, content, python)
        if change.before and change.after and change.after.lock:
            change = replace(change, lock_before=self.state.locks[change.before.lock])
        change = replace(change, depends_on=standing_on(self.configuration, address))
        check_finished(self.configuration, address, self.known)
        return change

    def _lock_of(self, change: Change) -> Lock:
        if change.after and change.after.lock:
            return change.after.lock
        return self.state.locks[change.before.lock] if change.before else Lock(None, "")

    def _change(self, situation: Situation) -> Change:
        environment = situation.environment
        imports = self._imports or self.configuration.imports
        wanted = next((one for one in imports if one.target == environment.address), None)
        if wanted and self._imports and situation.prior:
            raise EnvformError(already_managed(environment, situation.prior))
        if wanted is None or situation.prior is not None:
            return self._decided_closely(situation)
        version = wanted_version(environment, wanted)
        found = find_published(self.registry, environment.name, version, situation.definition.hash)
        return decide_import(situation, wanted, found)

    def _decided_closely(self, situation: Situation) -> Change:
        """What else is published under a name is asked where a version is to be given, or a tag has moved."""
        change = decide(situation)
        if situation.former:
            check_new_name(situation.environment, situation.prior, self.survey.closely(situation.environment.name))
            return change
        anew = change.action in (Action.CREATE, Action.NEW_VERSION)
        if anew or any(isinstance(reason, TagMoved) for reason in change.reasons):
            seen = self.survey.closely(situation.environment.name)
            if seen != situation.seen:
                situation = replace(situation, seen=seen)
                change = decide(situation)
        if situation.prior and not anew:
            self.shared.extend(held_by_others(situation.prior, situation.seen))
        return change

    def _former(self) -> Iterator[str]:
        return (change.former for change in self.changes.values() if change.former)
