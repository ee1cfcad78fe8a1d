"""The command `envform workspace list`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import switch
from reconciler.cli.invocation import Invocation
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched


@click.command("list", cls=Command, examples=(("Which there are, and which is current", "envform workspace list"),))
@project_options
@switch("-json", "Print one JSON object.")
@click.pass_obj
def command(invocation: Invocation, json: bool) -> None:
    """List the workspaces; a star marks the current one."""
    from json import dumps

    from reconciler.session import workspaces

    with watched(invocation, as_json=False) as session:
        names, current = workspaces.known(session), workspaces.current(session)
    if json:
        invocation.out.line(dumps({"format_version": "1.0", "current": current, "workspaces": names}, indent=2))
    else:
        invocation.out.write("".join(f"{'*' if name == current else ' '} {name}\n" for name in names))
