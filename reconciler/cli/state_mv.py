"""The command `envform state mv`."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import PathName, option, switch
from reconciler.cli.invocation import Invocation
from reconciler.cli.locking import lock_options
from reconciler.cli.project import project_options
from reconciler.cli.state_output import counted, tell_backup
from reconciler.cli.watch import watched
from reconciler.rendering.escape import safe

backup_option = option(
    "-backup",
    "PATH",
    "Keep the state as it was before in this file; the default is beside the state, named by the moment.",
    type=PathName(),
)


@click.command(
    "mv",
    cls=Command,
    examples=(
        ("A block was renamed", "envform state mv environment.old environment.new"),
        ("It got for_each", "envform state mv environment.training 'environment.training[\"cpu\"]'"),
        ("Look first", "envform state mv -dry-run environment.old environment.new"),
    ),
)
@click.argument("source", metavar="SOURCE")
@click.argument("target", metavar="TARGET")
@project_options
@lock_options
@switch("-dry-run", "Only print what would be moved.")
@backup_option
@click.pass_obj
def command(invocation: Invocation, source: str, target: str, dry_run: bool, backup: Path | None) -> None:
    """Give what is recorded at one address another one, so that the next plan finds it there.

    A block without a key moves with all of its instances. Names, versions and images stay as they are. A `moved` block
    in the configuration does the same for everybody who applies it.
    """
    from reconciler.session.states import States

    with watched(invocation, as_json=False) as session:
        states = States(session)
        found = states.planned_moves(source, target)
        if not dry_run:
            found, kept = states.move(source, target, backup)
            tell_backup(invocation, kept)
    said = "Would move" if dry_run else "Moved"
    lines = [f"{said} {safe(move.source)} to {safe(move.target)}" for move in found]
    total = f"Would move {counted(len(found))}." if dry_run else f"Successfully moved {counted(len(found))}."
    invocation.out.write("".join(f"{line}\n" for line in (*lines, total)))
