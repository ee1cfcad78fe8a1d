"""The command `envform drift`."""

from __future__ import annotations

import click

from reconciler.cli.asked import refresh_option
from reconciler.cli.command import Command
from reconciler.cli.flags import switch
from reconciler.cli.invocation import ExitCode, Invocation
from reconciler.cli.project import project_options
from reconciler.cli.shown import JSON, check_formats, format_option, show_drift
from reconciler.cli.watch import watched
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.observation import Level
from reconciler.model.request import Request


@click.command(
    "drift",
    cls=Command,
    examples=(
        ("Every night: 0 means none, 2 means drift, 1 means it could not be told", "envform drift"),
        ("For a program", "envform drift -json"),
    ),
)
@project_options
@refresh_option(Level.DIGESTS)
@switch("-json", "One JSON object a line, as things happen, instead of text.")
@format_option
@click.pass_obj
def command(invocation: Invocation, refresh: str, json: bool, form: str) -> ExitCode:
    """Look at every registered image and base, and show where the registry no longer holds what was recorded.

    Returns 0 where nothing differs, 2 where something does, and 1 where it could not be told.
    """
    check_formats(form, stream=json)
    if Level(refresh) is Level.NONE:
        detail = (
            "Whether something has drifted is seen in the registry, and `-refresh=none` says not to look there. Leave "
            "it out, or write how closely to look: list, digests or deep."
        )
        raise EnvformError(Diagnostic.error("Drift cannot be told without looking", detail))
    with watched(invocation, as_json=json) as session:
        plan = session.plan(Request(level=Level(refresh), looking=True))
        if form == JSON:
            from reconciler.session.inventory import with_inventory

            plan = with_inventory(session, plan)
    if not json:
        show_drift(invocation, plan, form)
    return ExitCode.CHANGES if plan.drift else ExitCode.FINE
