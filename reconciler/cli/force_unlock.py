"""The command `envform force-unlock`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import switch
from reconciler.cli.invocation import ExitCode, Invocation
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched

_QUESTION = """
Do you really want to force-unlock?
  envform will free the lock on the state of this project. If its holder still
  runs, on another machine, two processes may then write at once.
  Only 'yes' will be accepted to confirm.

  Enter a value: """


@click.command(
    "force-unlock",
    cls=Command,
    examples=(("With the id that the refusal names", "envform force-unlock 5d2c6d3e-6f6c-4f4e-8f4e-3c5f0a9b1c2d"),),
)
@click.argument("lock_id", metavar="LOCK_ID")
@project_options
@switch("-force", "Do not ask.")
@click.pass_obj
def command(invocation: Invocation, lock_id: str, force: bool) -> ExitCode:
    """Free the state's lock, which was left behind on another machine.

    On one machine this is never needed: a process that dies gives its lock back, and the lock of one that lives
    cannot be taken from it.
    """
    from reconciler.session.states import States

    if not force and invocation.ask(_QUESTION) != "yes":
        invocation.err.line("\nforce-unlock cancelled.")
        return ExitCode.FAILED
    with watched(invocation, as_json=False) as session:
        holder = States(session).unlock(lock_id)
    invocation.out.line(f"The state is unlocked. Its lock was held by {holder.who} on {holder.host}.")
    return ExitCode.FINE
