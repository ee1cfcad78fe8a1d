"""The command `envform workspace delete`."""

from __future__ import annotations

import os

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import switch
from reconciler.cli.invocation import Invocation
from reconciler.cli.locking import lock_options
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched


@click.command("delete", cls=Command, examples=(("One that nothing is recorded in", "envform workspace delete trial"),))
@click.argument("name", metavar="NAME")
@project_options
@lock_options
@switch("-force", "Delete it with what it has recorded; the images stay in the registry.")
@click.pass_obj
def command(invocation: Invocation, name: str, force: bool) -> None:
    """Delete a workspace: its state, and nothing in the registry. The current one cannot be deleted."""
    from reconciler.session import workspace_edits

    with watched(invocation, as_json=False) as session:
        backup = workspace_edits.delete(session, name, force=force)
    if backup:
        invocation.err.line(f"What it had recorded is in {os.path.relpath(backup, invocation.root)}")
    invocation.out.line(f"Deleted workspace {name}.")
