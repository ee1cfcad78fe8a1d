"""Everything taken down: what `-destroy` plans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reconciler.execution.survey import RegistrySurvey
from reconciler.language.configuration import Configuration
from reconciler.language.evaluation import evaluate, protected_blocks
from reconciler.language.value import UNKNOWN
from reconciler.model.diagnostic import Diagnostics, EnvformError, distinct
from reconciler.model.environment import Environment
from reconciler.model.plan import Change, DestroyRequested, OutputChange, Plan
from reconciler.model.request import Request
from reconciler.model.state import Registered, State
from reconciler.oci.reference import Place
from reconciler.planning.assemble import assemble
from reconciler.planning.protection import check_protected, protected
from reconciler.planning.selection import selected
from reconciler.planning.undeclared import decide_undeclared
from reconciler.protocols import Registry
from reconciler.session.lookups import values_of


@dataclass(frozen=True)
class Destruction:
    """Takes down what is registered, dependants first; the configuration says what is protected."""

    configuration: Configuration
    registry: Registry
    state: State
    request: Request

    def plan(self) -> Plan:
        """The whole plan; EnvformError with everything that is protected."""
        problems = Diagnostics()
        survey = RegistrySurvey(self.registry, self.request.level, self.state.environments.values())
        kept = protected(self._declared(problems), protected_blocks(self.configuration))
        changes: list[Change] = []
        for registered in self._wanted():
            change = decide_undeclared(registered, survey.of(registered.name), DestroyRequested())
            check_protected(change, kept, problems)
            changes.append(change)
        Diagnostics(distinct(problems)).check()
        plan = assemble(self.configuration.settings, self.state, changes)
        outputs = () if self.request.targets else self.state.outputs.items()
        gone = tuple(OutputChange(name, before, None) for name, before in sorted(outputs))
        return replace(plan, mode="destroy", targets=self.request.targets, outputs=gone)

    def _wanted(self) -> Iterator[Registered]:
        everything = tuple(self.state.environments.values())
        if not self.request.targets:
            return iter(everything)
        found = set(selected(self.request.targets, {one.address for one in everything}, "-target"))
        while more := {one.address for one in everything if found.intersection(one.latest.depends_on)} - found:
            found |= more
        return (one for one in everything if one.address in found)

    def _declared(self, problems: Diagnostics) -> Iterator[Environment]:
        """Those that are registered, evaluated with what is recorded of what they stand on."""
        by_address = {one.address: one for one in self.state.environments.values()}
        place = Place.parse(self.configuration.settings.registry)
        known: dict[str, object] = {
            address: values_of(one.name, one.latest, place) for address, one in by_address.items()
        }
        for address in self.configuration.addresses:
            below = self.configuration.dependencies(address)
            unknown = {one: UNKNOWN for one in below if one not in known}
            if address in by_address:
                try:
                    yield evaluate(self.configuration, address, {**known, **unknown}, leaving=True)
                except EnvformError as error:
                    problems.extend(error.diagnostics)
