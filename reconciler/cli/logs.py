"""The command `envform logs`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.invocation import Invocation
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched


@click.command(
    "logs",
    cls=Command,
    examples=(
        ("Of the latest build at an address", "envform logs environment.training"),
        ("Of an environment by its name", "envform logs training"),
        ("Of a definition by its hash, or the beginning of it", "envform logs 3f9c2a"),
    ),
)
@click.argument("what", metavar="ADDRESS")
@project_options
@click.pass_obj
def command(invocation: Invocation, what: str) -> None:
    """Print the log of the latest build and of its `verify` tests, whether they failed or not.

    ADDRESS is `environment.LABEL`, a NAME or NAME:VERSION that is registered, or a hash. Logs are kept under
    `.envform/logs` in the project's folder, three for each hash, for ninety days.
    """
    from reconciler.session.logs import Logs

    with watched(invocation, as_json=False) as session:
        invocation.out.write(Logs(session).latest(what))
