"""The command `envform env history`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.env_output import TABLE, output_option, write_document
from reconciler.cli.invocation import Invocation
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched


@click.command(
    "history",
    cls=Command,
    examples=(
        ("Of everything, newest first", "envform env history"),
        ("Of one environment", "envform env history training"),
    ),
)
@click.argument("name", metavar="[NAME]", required=False, default="")
@project_options
@output_option
@click.pass_obj
def command(invocation: Invocation, name: str, output: str) -> None:
    """Show each version, newest first: when it was made, its hash and image, and the change that it came by.

    What was changed of a version later has a line of its own: when, by which command, and of what, such as
    description, tags.team or labels; that it was archived or restored. The last twenty changes of each are kept. What
    was forgotten since is told from the state's backups.
    """
    from reconciler.rendering.records import history_json, history_text
    from reconciler.session.catalogue import Catalogue

    with watched(invocation, as_json=False) as session:
        lived = Catalogue(session).history(name)
    if output == TABLE:
        invocation.out.write(history_text(lived))
    else:
        write_document(invocation, output, {"history": history_json(lived)})
