"""The command `envform env show`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.env_output import TABLE, output_option, write_document
from reconciler.cli.invocation import Invocation
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched


@click.command(
    "show",
    cls=Command,
    examples=(
        ("The latest version", "envform env show training"),
        ("Another one, for a program", "envform env show training:2 -o=yaml"),
    ),
)
@click.argument("environment", metavar="ENVIRONMENT")
@project_options
@output_option
@click.pass_obj
def command(invocation: Invocation, environment: str, output: str) -> None:
    """Show one version: its definition, hash and image, the packages in it, its size, its log, and who stands on it.

    ENVIRONMENT is NAME, NAME:VERSION or NAME@latest. How large the image is, the registry says; everything else is on
    record.
    """
    from reconciler.rendering.catalogue import Surroundings, version_json, version_text
    from reconciler.session.catalogue import Called, Catalogue, dependants, find
    from reconciler.session.logs import Logs
    from reconciler.session.running import measured

    with watched(invocation, as_json=False) as session:
        catalogue = Catalogue(session)
        state = catalogue.state
        found = find(state, Called.parse(environment), catalogue.workspace)
        users = tuple(dependants(state, found))
        around = Surroundings(*measured(session, found), used_by=users, log=Logs(session).of_hash(found.record.hash))
    if output == TABLE:
        text = version_text(found.registered, found.record, state.locks, around, invocation.out.style)
        invocation.out.write(text)
    else:
        write_document(invocation, output, version_json(found.registered, found.record, state.locks, around))
