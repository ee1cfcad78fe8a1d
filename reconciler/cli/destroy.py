"""The command `envform destroy`."""

from __future__ import annotations

import click

from reconciler.cli.apply import Manner, carry_out, manner_options
from reconciler.cli.asked import refresh_option, target_option
from reconciler.cli.command import Command
from reconciler.cli.invocation import ExitCode, Invocation
from reconciler.cli.project import project_options
from reconciler.model.observation import Level
from reconciler.model.request import Request


@click.command(
    "destroy",
    cls=Command,
    examples=(
        ("Show what would be taken down, and ask", "envform destroy"),
        ("Only one environment, and what stands on it", "envform destroy -target=environment.training"),
    ),
)
@project_options
@target_option
@refresh_option(Level.LIST)
@manner_options
@click.pass_obj
def command(invocation: Invocation, target: tuple[str, ...], refresh: str, manner: Manner) -> ExitCode:
    """Archive everything that is registered, or delete it where it says `on_destroy = "delete"`.

    The same as `envform apply -destroy`. Archived environments keep their images, and can be declared again.
    """
    request = Request(level=Level(refresh), destroy=True, targets=target)
    return carry_out(invocation, manner, request)
