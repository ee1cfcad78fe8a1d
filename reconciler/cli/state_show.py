"""The command `envform state show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import option, switch
from reconciler.cli.invocation import Invocation
from reconciler.cli.project import project_options
from reconciler.cli.state_output import write_json
from reconciler.cli.watch import watched
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.suggestion import did_you_mean

if TYPE_CHECKING:
    from reconciler.model.state import Record, Registered


@click.command(
    "show",
    cls=Command,
    examples=(
        ("What is recorded", "envform state show environment.training"),
        ("One of many", "envform state show 'environment.training[\"cpu\"]'"),
        ("An older version", "envform state show -version=2 environment.training"),
    ),
)
@click.argument("address", metavar="ADDRESS")
@project_options
@option("-version", "VERSION", "Show this version; the default is the latest.", default="")
@switch("-json", "Print one JSON object, with all versions.")
@click.pass_obj
def command(invocation: Invocation, address: str, version: str, json: bool) -> None:
    """Show what is recorded at an address, as a block.

    Where several environments were declared there one after the other, each is shown.
    """
    from reconciler.rendering.records import record_json, record_text
    from reconciler.session.states import States

    with watched(invocation, as_json=False) as session:
        states = States(session)
        found, locks = states.listed([address]), states.recorded().locks
    if json:
        write_json(invocation, environments=[record_json(one, locks) for one in found])
        return
    texts = [record_text(one, _version(one, version), locks, invocation.out.style) for one in found]
    invocation.out.write("\n".join(texts))


def _version(registered: Registered, version: str) -> Record:
    record = registered.version(version) if version else registered.latest
    if record is None:
        known = [each.version for each in registered.versions]
        detail = f"`{registered.name}` has no version `{version}` on record. It has: {', '.join(known)}."
        raise EnvformError(Diagnostic.error("Unknown version", detail, hint=did_you_mean(version, known)))
    return record
