"""The command `envform env wait`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import option
from reconciler.cli.invocation import Invocation
from reconciler.cli.locking import Duration
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched


@click.command(
    "wait",
    cls=Command,
    examples=(
        ("Until somebody has registered version 3", "envform env wait training:3"),
        ("No longer than half an hour", "envform env wait training -timeout=30m"),
    ),
)
@click.argument("environment", metavar="ENVIRONMENT")
@project_options
@option(
    "-timeout",
    "DURATION",
    "Give up after so long, such as 30s or 1h; the default is 10m. With 0 it only looks.",
    type=Duration(),
    default=600.0,
)
@click.pass_obj
def command(invocation: Invocation, environment: str, timeout: float) -> None:
    """Wait until a version is registered and its image is there, and print how it is called exactly.

    ENVIRONMENT is NAME, NAME:VERSION, NAME@latest or NAME@LABEL. For jobs that need what an apply elsewhere makes: the
    state must be kept where both see it. Ends with 1 when the time is over.
    """
    from reconciler.session.waiting import wait_for

    with watched(invocation, as_json=False) as session:
        found = wait_for(session, environment, timeout)
    invocation.out.line(f"{found.called} {found.record.image}")
