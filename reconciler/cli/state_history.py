"""The command `envform state history`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import switch
from reconciler.cli.invocation import Invocation
from reconciler.cli.project import project_options
from reconciler.cli.state_output import write_json
from reconciler.cli.watch import watched


@click.command(
    "history",
    cls=Command,
    examples=(
        ("What became of everything, newest first", "envform state history"),
        ("Of one environment", "envform state history environment.training"),
    ),
)
@click.argument("addresses", metavar="[ADDRESS...]", nargs=-1)
@project_options
@switch("-json", "Print one JSON object.")
@click.pass_obj
def command(invocation: Invocation, addresses: tuple[str, ...], json: bool) -> None:
    """Show each version of each environment, newest first: its hash and image, and the change that it came by.

    What was forgotten since is told from the backups that still have it.
    """
    from reconciler.rendering.records import history_json, history_text
    from reconciler.session.states import States

    with watched(invocation, as_json=False) as session:
        lived = States(session).history(addresses)
    if json:
        write_json(invocation, history=history_json(lived))
    else:
        invocation.out.write(history_text(lived))
