"""What everything is once a plan is carried out: for data that only apply can look up, and for outputs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

from reconciler.execution.survey import OpenRegistry
from reconciler.language.configuration import Configuration
from reconciler.language.evaluation import evaluate, evaluate_data
from reconciler.language.inputs import VariableFile
from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.digest import Digest
from reconciler.model.event import ChangeFailed, ChangeFinished, ChangeStarted
from reconciler.model.plan import Action, Plan
from reconciler.model.state import State
from reconciler.protocols import EventSink
from reconciler.session.edges import edges
from reconciler.session.lookups import DataLookup, data_lookup, decided_values
from reconciler.session.machine import on_this_machine

Values = Mapping[str, object]


def given_again(plan: Plan) -> VariableFile:
    """The variables of a saved plan, so that nobody need give them twice."""
    values = {name: one.value for name, one in plan.variables.items() if not one.sensitive}
    return VariableFile("saved-plan.vars.json", json.dumps(values))


def check_unchanged(plan: Plan, sources: Mapping[str, str]) -> None:
    """EnvformError where the plan leaves something to be worked out, and its configuration is not the same any more."""
    late = [f"output.{one.name}" for one in plan.outputs if not one.known] + [one.address for one in plan.reads]
    now = {name: Digest.of(text.encode(errors="surrogatepass")) for name, text in sources.items()}
    here = {name for name in plan.files if name.endswith(".hcl") and "/" not in name}
    changed = sorted({name for name in now if plan.files.get(name) != now[name]} | (here - now.keys()))
    if late and changed:
        listed, files = (", ".join(f"`{one}`" for one in some) for some in (late, changed))
        detail = (
            f"The plan leaves {listed} to be worked out from the configuration during apply, and {files} changed since "
            "the plan was made. Nothing was done. Plan again."
        )
        raise EnvformError(Diagnostic.error("Configuration has changed since the plan", detail))


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
        environment = on_this_machine(evaluate(self.configuration, address, known))
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
