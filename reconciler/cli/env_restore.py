"""The command `envform env restore`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.invocation import Invocation
from reconciler.cli.locking import lock_options
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched
from reconciler.rendering.escape import safe


@click.command(
    "restore",
    cls=Command,
    examples=(
        ("All of its versions", "envform env restore training"),
        ("One version", "envform env restore training:2"),
    ),
)
@click.argument("environments", metavar="ENVIRONMENT...", nargs=-1, required=True)
@project_options
@lock_options
@click.pass_obj
def command(invocation: Invocation, environments: tuple[str, ...]) -> None:
    """Take archiving back, for environments or for single versions.

    They are listed again. To have the registry hold them again, too, declare them and apply.

    ENVIRONMENT is NAME, for all of its versions, or NAME:VERSION or NAME@latest.
    """
    from reconciler.session.catalogue import Catalogue

    with watched(invocation, as_json=False) as session:
        changed = Catalogue(session).set_archived(environments, archived=False)
    lines = [f"Restored {safe(name)}." for name in changed] or ["Nothing to do: none of it is archived."]
    invocation.out.write("".join(f"{line}\n" for line in lines))
