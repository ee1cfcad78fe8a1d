"""A whole plan as text, in the manner that Terraform's users read without thinking."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill

from reconciler.model.counts import Counts
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.number_text import counted
from reconciler.model.plan import Action, Plan
from reconciler.rendering.advice import lost
from reconciler.rendering.changes import LEGEND, change_lines, margin, read_lines, symbol
from reconciler.rendering.escape import safe
from reconciler.rendering.locks import download_text, to_fetch
from reconciler.rendering.outputs import output_lines
from reconciler.rendering.reasons import reason_line
from reconciler.rendering.style import Style
from reconciler.rendering.tables import orphans_table, summary_table

RULE_WIDTH = 78
BY_ITSELF = "envform compared what the last apply recorded with what is there now, and found these differences:"
_BEFORE_PLAN = (
    'envform detected the following changes made outside of envform since the last "envform apply" which may have '
    "affected this plan:"
)
_NOT_SAVED = (
    "Note: You didn't use the -out option to save this plan, so envform can't guarantee to take exactly these "
    'actions if you run "envform apply" now.'
)
_ONLY_OUTPUTS = (
    "You can apply this plan to save these new output values to the envform state, without changing any real "
    "environments."
)
_FAILED = "envform encountered an error while generating this plan."
_NO_CHANGES = {
    "normal": (
        "Your environments match the configuration.",
        (
            "envform has compared the recorded state and the registry with your configuration and found no "
            "differences, so no changes are needed."
        ),
    ),
    "unlooked": (
        "Your environments match the configuration.",
        (
            "envform has compared the recorded state with your configuration and found no differences, so no changes "
            "are needed. It did not look into the registry (-refresh=none)."
        ),
    ),
    "destroy": (
        "No environments need to be destroyed.",
        "Either nothing has been registered yet, or everything that was is archived or deleted already.",
    ),
}


def plan_text(plan: Plan, style: Style) -> str:
    """Drift, legend, changes, the summary, outputs; for an empty plan the sentence that says so."""
    return "".join(f"{line}\n" for line in _lines(plan, style, summary=False))


def summary_text(plan: Plan, style: Style) -> str:
    """One line for each environment that changes, then the numbers."""
    return "".join(f"{line}\n" for line in _lines(plan, style, summary=True))


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
        return f"{style.bold('No drift.')} {no_drift_sentence(plan)}\n"
    closing = fill(f"{drift_sentence(plan)} Run `envform plan` to see what would be done about it.", RULE_WIDTH)
    return "\n".join([*_drift_note(plan, style, BY_ITSELF), closing]) + "\n"


def drift_sentence(plan: Plan) -> str:
    """How many environments differ."""
    count = len(plan.drift)
    return f"Drift: {count} {'environment differs' if count == 1 else 'environments differ'} from the record."


def no_drift_sentence(plan: Plan) -> str:
    """Of how many environments it is known that they do not."""
    held = sum(1 for change in plan.changes if change.before and not change.before.archived)
    return f"The registry holds what is recorded for {counted(held, 'environment')}."


def counts_text(counts: Counts) -> str:
    """How many environments come, change and go, as Terraform's users know it."""
    imported = f"{counts.imported} to import, " if counts.imported else ""
    forgotten = f", {counts.forgotten} to forget" if counts.forgotten else ""
    return f"{imported}{counts.add} to add, {counts.change} to change, {counts.destroy} to destroy{forgotten}"


def summary_lines(plan: Plan, style: Style) -> tuple[str, ...]:
    """How many environments and how many images; the first sentence is Terraform's to the letter."""
    counts = Counts.of(plan)
    made = f"{counts.build} to build, {counts.rebase} to rebase, {counts.cached} from cache"
    lines = (
        f"{style.bold('Plan:')} {counts_text(counts)}.",
        f"{style.bold('Images:')} {made}, {counts.unchanged} unchanged.",
    )
    amount = download_text(to_fetch(plan.work).values())
    return (*lines, f"{style.bold('Download:')} {amount}.") if amount else lines


def no_changes(plan: Plan) -> tuple[str, str]:
    """The headline and the sentence of a plan that does nothing."""
    return _NO_CHANGES[plan.mode]


def cautions(plan: Plan) -> tuple[Diagnostic, ...]:
    """What a reader must know before he trusts the plan."""
    if not plan.targets:
        return ()
    targets = ", ".join(f"`{target}`" for target in plan.targets)
    detail = (
        f"This plan is limited with -target to {targets}, so it may leave out changes that the configuration asks "
        "for, and outputs are not recorded. Apply without -target afterwards:\n\n    envform plan"
    )
    return (Diagnostic.warning("Targeting is in effect", detail),)


def _lines(plan: Plan, style: Style, *, summary: bool) -> Iterator[str]:
    if not (summary and plan.work):
        yield from _drift_note(plan, style, _BEFORE_PLAN)
    if plan.work and summary:
        yield summary_table(plan, style)
    elif plan.work:
        yield from _changes(plan, style)
    if plan.errored:
        yield from ["", f"{style.bold(style.red('Planning failed.'))} {_FAILED}"]
    elif plan.work:
        yield from ["", *summary_lines(plan, style)]
    elif not plan.output_changes:
        headline, sentence = no_changes(plan)
        yield f"{style.bold(style.green('No changes.'))} {style.bold(headline)}"
        yield from ["", fill(sentence, RULE_WIDTH)]
    outputs = tuple(output_lines(plan, style))
    if outputs:
        yield from ["", *outputs] if plan.work else outputs
        if not plan.work:
            yield from ["", fill(_ONLY_OUTPUTS, RULE_WIDTH)]
    yield from _beside(plan, style)


def _drift_note(plan: Plan, style: Style, introduction: str) -> Iterator[str]:
    if not plan.drift:
        return
    yield style.bold(style.cyan("Note:")) + style.bold(" Images have changed outside of envform")
    yield ""
    yield fill(introduction, RULE_WIDTH)
    for change in plan.drift:
        yield ""
        yield style.bold(f"  # {safe(change.address)}") + " has changed"
        yield from (f"      {reason_line(reason, change)}" for reason in change.drift)
    yield ""


def _changes(plan: Plan, style: Style) -> Iterator[str]:
    with_what = "the recorded state only" if plan.mode == "unlooked" else "the recorded state and the registry"
    yield fill(
        f"envform compared the configuration with {with_what}. Actions are indicated with the following symbols:",
        RULE_WIDTH,
    )
    actions = {change.action for change in plan.work} | ({Action.READ} if plan.reads else set())
    for action, meaning in LEGEND.items():
        if action in actions:
            yield f"{margin(action)}{symbol(action, style)} {meaning}"
    yield ""
    if plan.errored:
        yield "envform planned the following actions, but then encountered a problem:"
    else:
        yield "envform will perform the following actions:"
    for read in plan.reads:
        yield ""
        yield from read_lines(read, style)
    for change in plan.work:
        yield ""
        yield from change_lines(change, style)


def _beside(plan: Plan, style: Style) -> Iterator[str]:
    if hint := lost(plan):
        yield from ["", fill(f"hint: {hint}", RULE_WIDTH, break_long_words=False, break_on_hyphens=False)]
    if plan.orphans:
        yield from _orphans(plan, style)


def _orphans(plan: Plan, style: Style) -> Iterator[str]:
    count = len(plan.orphans)
    what = "image in the registry belongs" if count == 1 else "images in the registry belong"
    yield from ["", f"{style.bold('Orphans:')} {count} {what} to no record:", ""]
    yield from (f"  {line}" for line in orphans_table(plan).split("\n"))
