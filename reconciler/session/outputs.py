"""Outputs: what they are, and what of them is recorded."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.language.configuration import Configuration
from reconciler.language.evaluation import evaluate_outputs, variable_values
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.intent import Output
from reconciler.model.plan import OutputChange, Plan
from reconciler.model.state import RecordedOutput, State
from reconciler.model.suggestion import did_you_mean
from reconciler.rendering.output_values import type_by_itself
from reconciler.session.aftermath import Aftermath


def recorded(output: Output) -> RecordedOutput:
    """What the state keeps of an output; of a sensitive one, that there is one."""
    if output.sensitive:
        return RecordedOutput(sensitive=True)
    value, type_ = _json(output.value), _json(output.type)
    return RecordedOutput(value, type=None if value is None or type_ == type_by_itself(value) else type_)


def given(configuration: Configuration) -> Mapping[str, RecordedOutput]:
    """The values of variables; of a sensitive one, that there is one."""
    return {one.name: recorded(one) for one in variable_values(configuration)}


def output_changes(configuration: Configuration, known: Mapping[str, object], state: State) -> tuple[OutputChange, ...]:
    """Every output that is declared or recorded, by name."""
    declared = {output.name: output for output in evaluate_outputs(configuration, known)}
    return tuple(
        OutputChange(
            name=name,
            before=state.outputs.get(name),
            after=recorded(declared[name]) if name in declared else None,
            known=name not in declared or declared[name].known,
        )
        for name in sorted(declared.keys() | state.outputs.keys())
    )


def find_output(outputs: Mapping[str, RecordedOutput], name: str) -> RecordedOutput:
    """One output by name; EnvformError where there is none, or where its value is not kept."""
    found = outputs.get(name)
    if found is None:
        detail = f"The state has no output `{name}`. Outputs are recorded by apply."
        raise EnvformError(Diagnostic.error("Output not found", detail, hint=did_you_mean(name, outputs)))
    if found.sensitive:
        detail = f"`{name}` is sensitive, and secrets are not written into the state, so nobody can read it from there."
        raise EnvformError(Diagnostic.error("Output is not kept", detail))
    return found


def outputs_after(plan: Plan, aftermath: Aftermath, state: State) -> Mapping[str, RecordedOutput]:
    """What is to be recorded once a plan is carried out; a plan for some addresses only leaves all outputs alone."""
    if plan.targets:
        return state.outputs
    kept = {change.name: change.after for change in plan.outputs if change.after}
    late = [change.name for change in plan.outputs if not change.known]
    if late or plan.reads:
        known = aftermath.known(plan, state)
        found = {output.name: recorded(output) for output in evaluate_outputs(aftermath.configuration, known)}
        kept.update({name: found[name] for name in late if name in found})
    return kept


def _json(value: object) -> object:
    """As reading the state gives it back, so that equal values are equal."""
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _json(item) for key, item in value.items()}
    return value
