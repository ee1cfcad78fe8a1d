"""The command `envform explain`."""

from __future__ import annotations

import click

from reconciler.cli.asked import refresh_option
from reconciler.cli.command import Command
from reconciler.cli.invocation import Invocation
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched
from reconciler.model.observation import Level
from reconciler.model.request import Request


@click.command(
    "explain",
    cls=Command,
    examples=(
        ("Why an environment would be built again", "envform explain environment.training"),
        ("Why each of several would", "envform explain 'environment.train*'"),
    ),
)
@click.argument("address", metavar="ADDRESS")
@project_options
@refresh_option(Level.LIST)
@click.pass_obj
def command(invocation: Invocation, address: str, refresh: str) -> None:
    """Print the chain of reasons that leads to what is planned for an environment, or that nothing is.

    Of an environment with a build context it lists the files that are counted, and those that .dockerignore leaves out.
    It plans, changes nothing, and takes no lock.
    """
    from reconciler.planning.selection import selected
    from reconciler.rendering.contexts import context_text
    from reconciler.rendering.explanation import explanation
    from reconciler.session.contexts import context_files

    with watched(invocation, as_json=False) as session:
        plan = session.plan(Request(level=Level(refresh)))
    known = {*(change.address for change in plan.changes), *(read.address for read in plan.reads)}
    wanted = selected([address], known | {one.partition("[")[0] for one in known})
    style = invocation.out.style
    invocation.out.write(explanation(plan, wanted, style))
    for change in plan.changes:
        found = context_files(session, change.after.definition) if change.after and change.address in wanted else None
        if found:
            invocation.out.write(f"\n{context_text(change.address, found, style)}")
