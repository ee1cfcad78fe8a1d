"""The command `envform state pull`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.invocation import Invocation
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched


@click.command(
    "pull",
    cls=Command,
    examples=(("Keep a copy", "envform state pull > copy.json"), ("Ask it", "envform state pull | jq .serial")),
)
@project_options
@click.pass_obj
def command(invocation: Invocation) -> None:
    """Print the state as JSON, with what a stopped apply had finished: what `envform state push` takes.

    No other command prints a state.
    """
    from reconciler.session.states import States

    with watched(invocation, as_json=False) as session:
        invocation.out.write(States(session).pull())
