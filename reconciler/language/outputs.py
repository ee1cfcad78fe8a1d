"""Outputs, assertions and data: what is worked out beside environments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from reconciler.language.arguments import check_arguments
from reconciler.language.conditions import check_condition, failure, holds
from reconciler.language.declaration import Declaration
from reconciler.language.expression import evaluate
from reconciler.language.failures import failures
from reconciler.language.filled import fill
from reconciler.language.hidden import Hidden
from reconciler.language.number import Number, usual
from reconciler.language.project import Known, Project
from reconciler.language.rules import check_registry, check_version
from reconciler.language.scope import Scope
from reconciler.language.span import SpanError
from reconciler.language.value import Value, holds_sensitive, is_number, is_wholly_known, plain, type_of, unmark_deep
from reconciler.language.waiting import waits
from reconciler.language.written_types import type_to_json
from reconciler.model.beside import Checked
from reconciler.model.diagnostic import Diagnostic, Diagnostics
from reconciler.model.intent import DataSource, Json, Output


def read_outputs(project: Project, known: Known, problems: Diagnostics) -> tuple[Output, ...]:
    """All outputs whose value can be told, by name."""
    found = [read_output(project, name, known, problems) for name in sorted(project.declared.outputs)]
    return tuple(output for output in found if output is not None)


def read_output(project: Project, name: str, known: Known, problems: Diagnostics) -> Output | None:
    """One output; None where its value is wrong, or a precondition does not hold."""
    block, scope = project.declared.outputs[name], project.scope(known)
    filled = fill(block, scope, problems)
    before = len(problems.items)
    for rule in block.nested("precondition"):
        check_condition(rule, scope, "Module output value precondition failed", problems)
    value = _value(block, scope, problems, sensitive=filled.flag("sensitive") is True)
    if len(problems.items) > before:
        return None
    certain = is_wholly_known(value)
    return Output(
        name=name,
        value=to_json(value) if certain else None,
        description=filled.text("description") or "",
        sensitive=filled.flag("sensitive") is True,
        known=certain,
        type=type_to_json(type_of(value)) if certain else None,
    )


def _value(block: Declaration, scope: Scope, problems: Diagnostics, *, sensitive: bool) -> Value:
    if "value" not in block.arguments:
        return None  # that was told when the block was read
    node = block.arguments["value"].value
    try:
        value, marked = unmark_deep(evaluate(node, scope.renewed()))
    except SpanError as error:
        block.report_all(failures(node, scope, error), problems)
        return None
    if marked and not sensitive:
        detail = "The value was made from sensitive values, so it would show them. Say that it is sensitive itself."
        hint = "write `sensitive = true`, or `nonsensitive(…)` around what may be seen"
        told = SpanError("Output refers to sensitive values", detail, node.start, node.end, hint=hint)
        block.report(told, problems)
    return value


def to_json(value: Value) -> Json:
    """A value that is wholly known, with its marks taken away."""
    return _jsoned(plain(value))


def _jsoned(value: Value) -> Json:
    if isinstance(value, tuple):
        return tuple(map(_jsoned, value))
    if isinstance(value, Mapping):
        return {key: _jsoned(item) for key, item in value.items()}
    if is_number(value):
        return _number(value)
    return cast(Json, value)


def _number(value: Number) -> int | float:
    shown = usual(value)
    return shown if isinstance(shown, int) else float(shown)


def failed_checks(project: Project, known: Known, problems: Diagnostics) -> Iterator[Diagnostic]:
    """A warning for each assertion of a `check` block that does not hold; mistakes in them are problems."""
    for _, block in sorted(project.declared.checks.items()):
        for rule in block.nested("assert"):
            found = failure(rule, project.scope(known), problems)
            if found is not None:
                place = rule.passage.place(found.start, found.end, block.context, found.values)
                yield Diagnostic.warning("Check block assertion failed", found.detail).at(place)


def checked(project: Project, known: Known) -> Iterator[Checked]:
    """What each `check` block says, by name."""
    for name, block in sorted(project.declared.checks.items()):
        scope, problems = project.scope(known), Diagnostics()
        rules = block.nested("assert")
        said = [found.detail for rule in rules if (found := failure(rule, scope, problems)) is not None]
        if problems.failed:
            yield Checked(name, "error", tuple(item.summary for item in problems))
        elif said:
            yield Checked(name, "fail", tuple(said))
        else:
            yield Checked(name, "pass" if all(holds(rule, scope) for rule in rules) else "unknown")


def given_variables(project: Project) -> Iterator[Output]:
    """The value of each variable, by name."""
    for name, value in sorted(project.variables.items()):
        if is_wholly_known(value):
            yield Output(name, to_json(value), sensitive=holds_sensitive(value))


def read_data(project: Project, address: str, known: Known, problems: Diagnostics) -> DataSource | None:
    """One `data "environment"` block; None where it cannot be told, because what it stands on is wrong."""
    label = address.rpartition(".")[2]
    block, scope = project.declared.data[label], project.scope(known)
    before = len(problems.items)
    filled = fill(block, scope, problems)
    checks = {"version": check_version, "registry": check_registry}
    check_arguments(block, filled.arguments, checks, problems)
    for name in sorted(filled.sensitive):
        detail = f"`{name}` says what is looked for, which is shown, so it cannot be sensitive."
        filled.report("Sensitive value", detail, problems, at=name)
    Hidden.of(filled).mask(problems, before)
    if filled.text("version") and filled.text("label"):
        detail = "Data is looked up by `version` or by `label`, and not by both."
        filled.report("Conflicting arguments", detail, problems, at="label")
    if not all(waits(filled.node(name), scope) for name in filled.unknown):
        return None
    return DataSource(
        address=address,
        name=filled.text("name") or label,
        version=filled.text("version") or "",
        label=filled.text("label") or "",
        registry=filled.text("registry") or "",
        unknown=tuple(sorted(filled.unknown)),
        place=block.passage.place(*block.header_span, block.context),
    )
