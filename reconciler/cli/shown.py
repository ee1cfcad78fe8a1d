"""How plans are shown: as text, as Markdown, as one JSON document; plan, drift and show share it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from reconciler.cli.invocation import Invocation
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.release import __version__

if TYPE_CHECKING:
    from reconciler.model.plan import Plan

TEXT, MARKDOWN, JSON = "text", "markdown", "json"

format_option = click.option(
    "-format",
    "form",  # `format` is Python's own
    metavar="FORMAT",
    help="text (the default), markdown for pull requests, or json for one document that holds everything.",
    type=click.Choice([TEXT, MARKDOWN, JSON]),
    default=TEXT,
)


def check_formats(form: str, *, stream: bool, summary: bool = False) -> None:
    """One of them at a time: EnvformError where two are asked for."""
    asked = [name for name, is_asked in (("-json", stream), ("-summary", summary)) if is_asked]
    if form != TEXT:
        asked.append(f"-format={form}")
    if len(asked) > 1:
        detail = f"{' and '.join(asked)} each say how the plan is to be shown. Leave all but one of them out."
        raise EnvformError(Diagnostic.error("Conflicting flags", detail))


def show_plan(invocation: Invocation, plan: Plan, form: str = TEXT, *, summary: bool = False) -> None:
    """The plan on the way out for results, and beside it what must be known before it is trusted."""
    from reconciler.rendering.plan import cautions, plan_text, summary_text

    if form == TEXT:
        shown = summary_text if summary else plan_text
        invocation.out.write(shown(plan, invocation.out.style))
        invocation.tell(*cautions(plan))
    else:
        from reconciler.rendering.markdown import plan_markdown

        _write_document(invocation, plan, form, plan_markdown)


def show_drift(invocation: Invocation, plan: Plan, form: str = TEXT) -> None:
    """Only what differs from the record; the JSON document has all of the plan."""
    from reconciler.rendering.plan import drift_text

    if form == TEXT:
        invocation.out.write(drift_text(plan, invocation.out.style))
    else:
        from reconciler.rendering.markdown import drift_markdown

        _write_document(invocation, plan, form, drift_markdown)


def _write_document(invocation: Invocation, plan: Plan, form: str, markdown: Callable[[Plan], str]) -> None:
    from reconciler.rendering.documents import plan_document

    invocation.out.write(markdown(plan) if form == MARKDOWN else plan_document(plan, __version__))
