"""The command `envform env diff`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.env_output import TABLE, output_option, write_document
from reconciler.cli.invocation import Invocation
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched


@click.command(
    "diff",
    cls=Command,
    examples=(
        ("Two versions", "envform env diff training:1 training:2"),
        ("Two environments, each at its latest version", "envform env diff training serving"),
        ("What is on record, and what the registry holds", "envform env diff training:2 registry"),
    ),
)
@click.argument("old", metavar="ENVIRONMENT")
@click.argument("new", metavar="OTHER")
@project_options
@output_option
@click.pass_obj
def command(invocation: Invocation, old: str, new: str, output: str) -> None:
    """Show what differs between two versions: in definitions, packages, and how large their images are.

    ENVIRONMENT and OTHER are NAME, NAME:VERSION or NAME@latest. With `registry` as OTHER it is what the registry holds
    of the version now: which images its names lead to, what they were made from, and what they lack.
    """
    from reconciler.session.comparing import compared

    with watched(invocation, as_json=False) as session:
        sides = compared(session, old, new, whole=output != TABLE)
    if output == TABLE:
        invocation.out.write(sides.text(invocation.out.style))
    else:
        write_document(invocation, output, sides.json)
