"""The command `envform plan`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from reconciler.cli import plan_files
from reconciler.cli.asked import request_options
from reconciler.cli.command import Command
from reconciler.cli.flags import PathName, option, switch
from reconciler.cli.invocation import ExitCode, Invocation
from reconciler.cli.project import project_options
from reconciler.cli.shown import JSON, TEXT, check_formats, format_option, show_plan
from reconciler.cli.watch import watched
from reconciler.model.request import Request
from reconciler.rendering.plan import closing_note


@click.command(
    "plan",
    cls=Command,
    examples=(
        ("Show what apply would do", "envform plan"),
        ("Keep the plan, and later do exactly that", "envform plan -out=changes.plan"),
        ("For a pull request", "envform plan -format=markdown"),
        ("In CI: 0 means nothing to do, 2 means changes", "envform plan -detailed-exitcode"),
    ),
)
@project_options
@request_options
@option("-out", "FILE", "Save the plan to this file.", type=PathName())
@switch("-detailed-exitcode", "Return 0 for no changes, 1 for an error, 2 for changes.")
@switch("-orphans", "Also list images in the registry that no record owns.")
@switch("-summary", "One line for each environment that changes.")
@switch("-json", "One JSON object a line, as things happen, instead of text.")
@format_option
@click.pass_obj
def command(
    invocation: Invocation,
    request: Request,
    out: Path | None,
    detailed_exitcode: bool,
    orphans: bool,
    summary: bool,
    json: bool,
    form: str,
) -> ExitCode:
    """Compare the configuration with the recorded state and the registry, and show what apply would change.

    Takes no lock, changes nothing, and runs nothing from the project.
    """
    check_formats(form, stream=json, summary=summary)
    with watched(invocation, as_json=json) as session:
        plan = session.plan(replace(request, orphans=orphans))
        if out or form == JSON:
            from reconciler.session.inventory import with_inventory

            plan = with_inventory(session, plan)
        if out:
            plan_files.save(plan, invocation.root / out)
    if not json:
        show_plan(invocation, plan, form, summary=summary)
    if not json and form == TEXT and (plan.work or plan.output_changes):
        invocation.out.write(closing_note(str(out) if out else None, ascii_only=not invocation.out.draws_lines))
    return ExitCode.CHANGES if detailed_exitcode and (plan.work or plan.output_changes) else ExitCode.FINE
