"""What everything is once a plan is carried out: for data that only apply can look up, and for outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

from reconciler.execution.survey import OpenRegistry
from reconciler.language.configuration import Configuration
from reconciler.language.evaluation import evaluate, evaluate_data
from reconciler.model.address import Address
from reconciler.model.diagnostic import EnvformError
from reconciler.model.digest import Digest
from reconciler.model.event import ChangeFailed, ChangeFinished, ChangeStarted
from reconciler.model.plan import Action, Plan
from reconciler.model.state import State
from reconciler.protocols import EventSink
from reconciler.session.edges import edges
from reconciler.session.lookups import DataLookup, data_lookup, decided_values

Values = Mapping[str, object]


@dataclass(frozen=True)
class Aftermath:
    """Goes through the configuration once more, with what is recorded now."""

    configuration: Configuration
    open_registry: OpenRegistry
    emit: EventSink
    clock: Callable[[], float]

    def known(self, plan: Plan, state: State) -> Mapping[str, Values]:
        """By address what expressions may say; what the plan left to apply is told as it is read."""
        lookup = data_lookup(self.configuration, state, self.open_registry)
        late = {read.address for read in plan.reads}
        known: dict[str, Values] = {}
        for address in map(Address, TopologicalSorter(edges(self.configuration)).static_order()):
            if not address.is_data:
                known[address] = self._registered(address, known, lookup)
            elif address in late:
                known[address] = self._read(address, known, lookup)
            else:
                known[address] = lookup.values(evaluate_data(self.configuration, address, known))
        return known

    def _registered(self, address: Address, known: Mapping[str, Values], lookup: DataLookup) -> Values:
        environment = evaluate(self.configuration, address, known)
        registered = lookup.state.environments.get(environment.name)
        if registered is None:
            return environment.values
        record = registered.version(environment.version or "") or registered.latest
        return {**environment.values, **decided_values(environment.name, record, lookup.place)}

    def _read(self, address: Address, known: Mapping[str, Values], lookup: DataLookup) -> Values:
        self.emit(ChangeStarted(address, Action.READ))
        begun = self.clock()
        try:
            values = lookup.values(evaluate_data(self.configuration, address, known))
        except EnvformError as error:
            self.emit(ChangeFailed(address, Action.READ, tuple(error.diagnostics)))
            raise
        version, image = str(values["version"]), Digest(str(values["digest"]))
        self.emit(ChangeFinished(address, Action.READ, version, image, self.clock() - begun))
        return values
