"""The command `envform env archive`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.invocation import Invocation
from reconciler.cli.locking import lock_options
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched
from reconciler.rendering.escape import safe


@click.command(
    "archive",
    cls=Command,
    examples=(
        ("No version of it is to be used any more", "envform env archive training"),
        ("One version with a mistake in it", "envform env archive training:2"),
    ),
)
@click.argument("environments", metavar="ENVIRONMENT...", nargs=-1, required=True)
@project_options
@lock_options
@click.pass_obj
def command(invocation: Invocation, environments: tuple[str, ...]) -> None:
    """Hide environments, or single versions, from everybody who looks for one to use.

    They stay in the registry, they can be shown, and they still run. What is still declared is restored by the next
    `envform apply`: take it out of the configuration first.

    ENVIRONMENT is NAME, for all of its versions, or NAME:VERSION or NAME@latest.
    """
    from reconciler.session.catalogue import Catalogue

    with watched(invocation, as_json=False) as session:
        changed = Catalogue(session).set_archived(environments, archived=True)
    lines = [f"Archived {safe(name)}." for name in changed] or ["Nothing to do: all of it is archived already."]
    invocation.out.write("".join(f"{line}\n" for line in lines))
