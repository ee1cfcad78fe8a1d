"""The command `envform import`."""

from __future__ import annotations

import click

from reconciler.cli.apply import Manner, carry_out, manner_options
from reconciler.cli.command import Command
from reconciler.cli.invocation import ExitCode, Invocation
from reconciler.cli.project import project_options
from reconciler.model.request import Request


@click.command(
    "import",
    cls=Command,
    examples=(
        ("Manage what is published already", "envform import environment.training training:7"),
        ("The newest version", "envform import environment.training training"),
    ),
)
@click.argument("address", metavar="ADDRESS")
@click.argument("id_", metavar="NAME[:VERSION]")
@project_options
@manner_options
@click.pass_obj
def command(invocation: Invocation, address: str, id_: str, manner: Manner) -> ExitCode:
    """Record a version that the registry holds as that of an environment of the configuration.

    Nothing is built and no image is changed: what is published must be what the configuration declares.
    """
    request = Request(imports=((address, id_),))
    return carry_out(invocation, manner, request)
