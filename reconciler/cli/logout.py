"""The command `envform logout`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.invocation import Invocation


@click.command(
    "logout", cls=Command, examples=(("Forget the password for a registry", "envform logout registry.example.com"),)
)
@click.argument("host")
@click.pass_obj
def command(invocation: Invocation, host: str) -> None:
    """Forget the name and the password for a registry, in the same places in which `envform login` keeps them."""
    from reconciler.session.logins import log_out

    invocation.out.line(log_out(host))
