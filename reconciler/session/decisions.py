"""Goes address by address, each after what it stands on, and feeds back what is certain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from graphlib import TopologicalSorter

from reconciler.execution.survey import Bases, OpenRegistry, RegistrySurvey
from reconciler.language.configuration import Configuration
from reconciler.language.evaluation import check_assertions, check_finished, evaluate, evaluate_data
from reconciler.language.lookups import ATTRIBUTES
from reconciler.language.value import UNKNOWN
from reconciler.model.address import Address
from reconciler.model.definition import Lock
from reconciler.model.diagnostic import Diagnostic, Diagnostics, EnvformError, distinct
from reconciler.model.environment import Environment
from reconciler.model.event import Told
from reconciler.model.intent import DataSource
from reconciler.model.observation import Level
from reconciler.model.plan import Change, Desired, Plan
from reconciler.model.publication import CACHE, LATEST
from reconciler.model.state import Record, Registered, State
from reconciler.model.suggestion import did_you_mean
from reconciler.oci.reference import Name, Place, Reference
from reconciler.planning.assemble import assemble
from reconciler.planning.buildable import check_buildable
from reconciler.planning.decide import Situation, decide, decide_undeclared
from reconciler.planning.ignored import with_ignored
from reconciler.planning.pinned import with_pinned
from reconciler.planning.protection import check_protected
from reconciler.protocols import EventSink, Registry

_DATA = "data."


class Decisions:
    """All decisions of one plan. `known` holds by address what expressions may say of what is decided."""

    def __init__(
        self,
        configuration: Configuration,
        registry: Registry,
        open_registry: OpenRegistry,
        state: State,
        level: Level,
    ) -> None:
        self._configuration = configuration
        self._place = Place.parse(configuration.settings.registry)
        self._state = state
        self._bases = Bases(open_registry)
        self._survey = RegistrySurvey(registry, level, state.environments.values())
        self._known: dict[str, Mapping[str, object]] = {}
        self._environments: dict[str, Environment] = {}
        self._problems = Diagnostics()

    def plan(self, emit: EventSink) -> Plan:
        """The whole plan; EnvformError with everything that stands in its way."""
        changes = [change for address in self._order() if (change := self._visit(address))]
        changes.extend(self._orphans())
        Diagnostics(distinct(self._problems)).check()
        for warning in check_assertions(self._configuration, self._known):
            emit(Told(warning))
        return assemble(self._configuration.settings, self._state, changes)

    def _order(self) -> Iterator[str]:
        data = (Address(f"{_DATA}environment.{label}") for label in self._configuration.project.declared.data)
        everything = (*data, *self._configuration.addresses)
        edges = {str(address): self._configuration.dependencies(address) for address in everything}
        return iter(tuple(TopologicalSorter(edges).static_order()))

    def _visit(self, address: str) -> Change | None:
        """The change at an address. What stands on something wrong is not visited: its own mistakes come later."""
        below = self._configuration.dependencies(Address(address))
        if any(one not in self._known for one in below):
            return None
        try:
            if address.startswith(_DATA):
                self._known[address] = self._looked_up(evaluate_data(self._configuration, address, self._known))
                return None
            return self._decided(Address(address))
        except EnvformError as error:
            self._problems.extend(error.diagnostics)
            return None

    def _decided(self, address: Address) -> Change:
        environment = evaluate(self._configuration, address, self._known)
        self._environments[environment.name] = environment
        check_buildable([environment])
        prior = self._state.environments.get(environment.name)
        base = self._bases.look_up(environment)
        situation = Situation(
            environment=environment,
            definition=environment.definition(base.reference, base.digest),
            lock=Lock(base=base.digest, platform=environment.platform),
            image=base.image,
            prior=prior,
            seen=self._survey.of(environment.name),
        )
        below = self._configuration.dependencies(address)
        on = tuple(Address(one) for one in below if not one.startswith(_DATA))
        change = replace(decide(with_ignored(with_pinned(situation))), depends_on=on)
        if change.after:
            self._known[address] = self._values(environment.name, change.after)
            if change.after.image:
                self._bases.will_be(self._reference(change.after.hash), change.after.image)
        check_finished(self._configuration, address, self._known)
        return change

    def _orphans(self) -> Iterator[Change]:
        if self._problems.failed:
            return
        declared = tuple(self._environments.values())
        for name, registered in self._state.environments.items():
            if name not in self._environments:
                change = decide_undeclared(registered, self._survey.of(name))
                check_protected(change, declared, self._problems)
                yield change

    def _looked_up(self, source: DataSource) -> Mapping[str, object]:
        """Data is what this workspace has registered."""
        registered = self._state.environments.get(source.name)
        if registered is None or source.label not in ("", LATEST):
            raise EnvformError(self._no_data(source, registered))
        record = registered.version(source.version) if source.version else registered.latest
        if record is None:
            raise EnvformError(self._no_data(source, registered))
        return self._values(source.name, record)

    def _no_data(self, source: DataSource, registered: Registered | None) -> Diagnostic:
        if registered is None:
            what, there = f"an environment `{source.name}`", tuple(self._state.environments)
        else:
            what = f"`{source.version or source.label}` of `{source.name}`"
            there = (*(record.version for record in registered.versions), LATEST)
        return Diagnostic.error(
            "Data not found",
            f"`{source.address}` looks for {what}, and nothing of that name is registered in this workspace.",
            hint=did_you_mean(source.version or source.label if registered else source.name, there),
            address=source.address,
        )

    def _values(self, name: str, version: Desired | Record) -> Mapping[str, object]:
        """What expressions may say of a version; its image is where the registry will hold it."""
        return {
            **dict.fromkeys(ATTRIBUTES),
            "name": name,
            "version": version.version,
            "description": version.description,
            "tags": dict(version.tags),
            "platform": version.definition.platform,
            "hash": version.hash,
            "image": self._reference(version.hash),
            "digest": version.image or UNKNOWN,
        }

    def _reference(self, hash: str) -> str:
        return str(Reference(self._place.registry, Name(self._place.repository(CACHE), hash)))
