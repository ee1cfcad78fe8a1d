"""The command `envform workspace show`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.invocation import Invocation
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched


@click.command("show", cls=Command, examples=(("In a script", "echo $(envform workspace show)"),))
@project_options
@click.pass_obj
def command(invocation: Invocation) -> None:
    """Show the name of the current workspace."""
    from reconciler.session import workspaces

    with watched(invocation, as_json=False) as session:
        invocation.out.line(workspaces.current(session))
