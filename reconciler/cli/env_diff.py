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
    ),
)
@click.argument("old", metavar="ENVIRONMENT")
@click.argument("new", metavar="ENVIRONMENT")
@project_options
@output_option
@click.pass_obj
def command(invocation: Invocation, old: str, new: str, output: str) -> None:
    """Show what differs between two versions: in definitions, packages, and how large their images are.

    ENVIRONMENT is NAME, NAME:VERSION or NAME@latest.
    """
    from reconciler.rendering.catalogue import difference_json, difference_text
    from reconciler.session.comparing import compared

    with watched(invocation, as_json=False) as session:
        both = compared(session, old, new)
    if output == TABLE:
        style = invocation.out.style
        invocation.out.write(difference_text(both.old, both.new, both.locks, style, both.sizes))
    else:
        write_document(invocation, output, difference_json(both.old, both.new, both.locks, both.sizes))
