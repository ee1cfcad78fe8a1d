"""The command `envform workspace select`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import switch
from reconciler.cli.invocation import Invocation
from reconciler.cli.locking import lock_options
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched


@click.command(
    "select",
    cls=Command,
    examples=(
        ("Go back to the default one", "envform workspace select default"),
        ("In CI, whether it is there or not", "envform workspace select -or-create pull-7"),
    ),
)
@click.argument("name", metavar="NAME")
@project_options
@lock_options
@switch("-or-create", "Make the workspace where there is none of this name.")
@click.pass_obj
def command(invocation: Invocation, name: str, or_create: bool) -> None:
    """Work in another workspace from now on. It is remembered in `.envform/workspace`, for this folder."""
    from reconciler.session import workspace_edits

    with watched(invocation, as_json=False) as session:
        made = workspace_edits.select(session, name, or_create=or_create)
    invocation.out.line(f"{'Created and switched' if made else 'Switched'} to workspace {name}.")
