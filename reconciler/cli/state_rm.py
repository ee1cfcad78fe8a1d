"""The command `envform state rm`."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import switch
from reconciler.cli.invocation import Invocation
from reconciler.cli.locking import lock_options
from reconciler.cli.project import project_options
from reconciler.cli.state_mv import backup_option
from reconciler.cli.state_output import counted, tell_backup
from reconciler.cli.watch import watched
from reconciler.rendering.escape import safe


@click.command(
    "rm",
    cls=Command,
    examples=(
        ("Leave it to somebody else", "envform state rm environment.training"),
        ("Look first", "envform state rm -dry-run 'environment.train*'"),
    ),
)
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True)
@project_options
@lock_options
@switch("-dry-run", "Only print what would be forgotten.")
@backup_option
@click.pass_obj
def command(invocation: Invocation, addresses: tuple[str, ...], dry_run: bool, backup: Path | None) -> None:
    """Forget what is recorded at these addresses. Images and tags stay in the registry.

    An address without a key means all instances of its block; `*` and `?` stand for any text. What is still declared
    is found in the registry again by its hash when it is applied, and nothing is built anew.
    """
    from reconciler.session.states import States

    with watched(invocation, as_json=False) as session:
        states = States(session)
        found = states.listed(addresses)
        if not dry_run:
            found, kept = states.remove(addresses, backup)
            tell_backup(invocation, kept)
    said = "Would remove" if dry_run else "Removed"
    lines = [f"{said} {safe(one.address)} ({safe(one.name)})" for one in found]
    total = f"Would remove {counted(len(found))}." if dry_run else f"Successfully removed {counted(len(found))}."
    invocation.out.write("".join(f"{line}\n" for line in (*lines, total)))
