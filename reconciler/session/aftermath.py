"""What everything is once a plan is carried out: for data that only apply can look up, and for outputs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import TopologicalSorter
from threading import Lock

from reconciler.execution.survey import OpenRegistry
from reconciler.language.configuration import Configuration
from reconciler.language.evaluation import check_finished, evaluate, evaluate_data
from reconciler.language.inputs import VariableFile
from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.digest import Digest
from reconciler.model.event import ChangeFailed, ChangeFinished, ChangeStarted
from reconciler.model.plan import Action, Change, Plan
from reconciler.model.state import RecordedOutput, State
from reconciler.oci.reference import Place
from reconciler.planning.late import completed
from reconciler.planning.publishable import check_publishable
from reconciler.protocols import EventSink
from reconciler.session.edges import below, edges
from reconciler.session.lookups import DataLookup, data_lookup, decided_values
from reconciler.session.machine import on_this_machine

Values = Mapping[str, object]


def given_again(plan: Plan) -> VariableFile:
    """The variables of a saved plan, so that nobody need give them twice."""
    values = {name: one.value for name, one in plan.variables.items() if not one.sensitive}
    return VariableFile("saved-plan.vars.json", json.dumps(values))


def check_given(plan: Plan, now: Mapping[str, RecordedOutput]) -> None:
    """EnvformError where a variable is given another value than the plan was made with."""
    changed = [name for name, one in plan.variables.items() if now.get(name, one) != one]
    if changed:
        listed = ", ".join(f"`{name}`" for name in changed)
        detail = (
            f"A saved plan is carried out with the variables that it was made with, and another value is given for "
            f"{listed}. Nothing was done. Leave it out, or plan again with it."
        )
        raise EnvformError(Diagnostic.error("Variable differs from the saved plan", detail))


def check_unchanged(plan: Plan, sources: Mapping[str, str]) -> None:
    """EnvformError where the plan leaves something to be worked out, and its configuration is not the same any more."""
    late = [f"output.{one.name}" for one in plan.outputs if not one.known]
    late += [*(str(one.address) for one in plan.reads), *(str(one.address) for one in plan.late)]
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
    """Goes through the configuration once more, with what is recorded now. What was read is not read again."""

    configuration: Configuration
    open_registry: OpenRegistry
    emit: EventSink
    clock: Callable[[], float]
    read: dict[str, Values] = field(default_factory=dict)
    turn: Lock = field(default_factory=Lock)

    def known(self, plan: Plan, state: State, above: Address | None = None) -> Mapping[str, Values]:
        """By address what expressions may say, of all or of what is below one; what is read only now is told."""
        lookup = data_lookup(self.configuration, state, self.open_registry)
        late = {read.address for read in plan.reads}
        known: dict[str, Values] = {}
        for address in map(Address, TopologicalSorter(self._edges(above)).static_order()):
            if not address.is_data:
                known[address] = self._registered(address, known, lookup)
            elif address not in late:
                known[address] = lookup.values(evaluate_data(self.configuration, address, known))
            else:
                if address not in self.read:
                    self.read[address] = self._read(address, known, lookup)
                known[address] = self.read[address]
        return known

    def completed(self, change: Change, plan: Plan, state: State) -> Change:
        """The change with what could not be told before what it stands on was there."""
        with self.turn:
            known = self.known(plan, state, change.address)
        environment = evaluate(self.configuration, change.address, known)
        place = Place.parse(self.configuration.settings.registry)
        check_publishable(environment, place)
        whole = completed(change, environment)
        if whole.after:
            values = {**environment.values, **decided_values(environment.name, whole.after, place)}
            check_finished(self.configuration, change.address, {**known, change.address: values})
        return whole

    @cached_property
    def _everything(self) -> Mapping[str, Sequence[str]]:
        return edges(self.configuration)

    def _edges(self, above: Address | None) -> Mapping[str, Sequence[str]]:
        if above is None:
            return self._everything
        return {address: self._everything[address] for address in below(self._everything, above)}

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
