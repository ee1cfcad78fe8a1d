"""The command `envform state list`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import option, switch
from reconciler.cli.invocation import Invocation
from reconciler.cli.project import project_options
from reconciler.cli.state_output import write_json
from reconciler.cli.watch import watched


@click.command(
    "list",
    cls=Command,
    examples=(
        ("All that is recorded, archived environments too", "envform state list"),
        ("All instances of one block", "envform state list environment.training"),
        ("Those whose address matches", "envform state list 'environment.train*'"),
        ("Where an environment is declared", "envform state list -name=training"),
    ),
)
@click.argument("addresses", metavar="[ADDRESS...]", nargs=-1)
@project_options
@option("-name", "NAME", "Only the environment that is registered under this name.", default="")
@switch("-json", "Print one JSON object, with names, versions, hashes and digests.")
@click.pass_obj
def command(invocation: Invocation, addresses: tuple[str, ...], name: str, json: bool) -> None:
    """List the addresses of what is recorded, one a line.

    An address without a key means all instances of its block; `*` and `?` stand for any text.
    """
    from reconciler.rendering.escape import safe
    from reconciler.rendering.records import listed_json
    from reconciler.session.states import States

    with watched(invocation, as_json=False) as session:
        found = States(session).listed(addresses, name)
    if json:
        write_json(invocation, environments=[listed_json(one) for one in found])
        return
    lines = dict.fromkeys(safe(one.address) for one in found)
    invocation.out.write("".join(f"{line}\n" for line in lines))
