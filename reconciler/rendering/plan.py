"""A whole plan as text, in the manner that Terraform's users read without thinking."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill

from reconciler.model.plan import Action, BasePatched, Change, Counts, Drift, Plan
from reconciler.rendering.changes import LEGEND, change_lines, symbol
from reconciler.rendering.escape import safe
from reconciler.rendering.reasons import reason_text
from reconciler.rendering.style import Style
from reconciler.rendering.tables import summary_table

RULE_WIDTH = 78
_BY_ITSELF = "envform compared what the last apply recorded with what is there now, and found these differences:"
_BEFORE_PLAN = (
    'envform detected the following changes made outside of envform since the last "envform apply" which may have '
    "affected this plan:"
)
_NOT_SAVED = (
    "Note: You didn't use the -out option to save this plan, so envform can't guarantee to take exactly these "
    'actions if you run "envform apply" now.'
)


def plan_text(plan: Plan, style: Style) -> str:
    """Drift, legend, changes and the summary; for an empty plan the sentence that says so."""
    parts = [*_drift_note(plan, style, _BEFORE_PLAN), *(_changes(plan, style) if plan.work else [_no_changes(style)])]
    return "\n".join(parts) + "\n"


def summary_text(plan: Plan, style: Style) -> str:
    """One line for each environment that changes, then the numbers."""
    if not plan.work:
        return plan_text(plan, style)
    return "\n".join([summary_table(plan, style), "", *summary_lines(plan, style)]) + "\n"


def closing_note(saved_to: str | None, *, ascii_only: bool = False) -> str:
    """What to do with the plan next."""
    rule = "\n" + ("-" if ascii_only else "─") * RULE_WIDTH + "\n\n"
    if saved_to is None:
        return rule + fill(_NOT_SAVED, RULE_WIDTH) + "\n"
    name = safe(saved_to)
    return (
        f"{rule}Saved the plan to: {name}\n\nTo perform exactly these actions, run the following command to apply:\n"
        f'    envform apply "{name}"\n'
    )


def drift_text(plan: Plan, style: Style) -> str:
    """Only what differs from the record."""
    if not plan.drift:
        held = sum(1 for change in plan.changes if change.before and not change.before.archived)
        noun = "environment" if held == 1 else "environments"
        return f"{style.bold('No drift.')} The registry holds what is recorded for {held} {noun}.\n"
    count = len(plan.drift)
    noun = "environment differs" if count == 1 else "environments differ"
    closing = fill(
        f"Drift: {count} {noun} from the record. Run `envform plan` to see what would be done about it.", RULE_WIDTH
    )
    return "\n".join([*_drift_note(plan, style, _BY_ITSELF), closing]) + "\n"


def summary_lines(plan: Plan, style: Style) -> tuple[str, str]:
    """How many environments and how many images; the first sentence is Terraform's to the letter."""
    counts = Counts.of(plan)
    environments = f"{counts.add} to add, {counts.change} to change, {counts.destroy} to destroy."
    made = f"{counts.build} to build, {counts.rebase} to rebase, {counts.cached} from cache"
    return (
        f"{style.bold('Plan:')} {environments}",
        f"{style.bold('Images:')} {made}, {counts.unchanged} unchanged.",
    )


def _drift_note(plan: Plan, style: Style, introduction: str) -> Iterator[str]:
    if not plan.drift:
        return
    yield style.bold(style.cyan("Note:")) + style.bold(" Images have changed outside of envform")
    yield ""
    yield fill(introduction, RULE_WIDTH)
    for change in plan.drift:
        yield ""
        yield style.bold(f"  # {safe(change.address)}") + " has changed"
        yield from (f"      {_drift_line(change, reason)}" for reason in change.drift)
    yield ""


def _drift_line(change: Change, reason: Drift) -> str:
    text = reason_text(reason, change)
    waits = isinstance(reason, BasePatched) and change.action is Action.NOTHING
    return f"{text} (the version is fixed, so the patch waits)" if waits else text


def _changes(plan: Plan, style: Style) -> Iterator[str]:
    yield fill(
        "envform compared the configuration with the recorded state and the registry. "
        "Actions are indicated with the following symbols:",
        RULE_WIDTH,
    )
    actions = {change.action for change in plan.work}
    for action, meaning in LEGEND.items():
        if action in actions:
            yield f"  {symbol(action, style)} {meaning}"
    yield ""
    yield "envform will perform the following actions:"
    for change in plan.work:
        yield ""
        yield from change_lines(change, style)
    yield ""
    yield from summary_lines(plan, style)


def _no_changes(style: Style) -> str:
    sentence = fill(
        "envform has compared the recorded state and the registry with your configuration and found no "
        "differences, so no changes are needed.",
        RULE_WIDTH,
    )
    headline = style.bold(style.green("No changes.")) + style.bold(" Your environments match the configuration.")
    return f"{headline}\n\n{sentence}"
