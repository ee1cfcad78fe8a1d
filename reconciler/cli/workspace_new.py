"""The command `envform workspace new`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.invocation import Invocation
from reconciler.cli.locking import lock_options
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched


@click.command("new", cls=Command, examples=(("One more state for this configuration", "envform workspace new trial"),))
@click.argument("name", metavar="NAME")
@project_options
@lock_options
@click.pass_obj
def command(invocation: Invocation, name: str) -> None:
    """Make a workspace with an empty state, and work in it from now on.

    It has the same registry as the others, so images that they have built are found by their hash.
    """
    from reconciler.session import workspace_edits

    with watched(invocation, as_json=False) as session:
        workspace_edits.create(session, name)
    invocation.out.write(
        f"Created and switched to workspace {name}.\n\nIts state is empty: envform plan does not see what other "
        "workspaces have recorded.\n"
    )
