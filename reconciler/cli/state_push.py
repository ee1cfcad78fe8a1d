"""The command `envform state push`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import switch
from reconciler.cli.invocation import Invocation
from reconciler.cli.locking import lock_options
from reconciler.cli.project import project_options
from reconciler.cli.state_output import tell_backup
from reconciler.cli.watch import watched
from reconciler.model.diagnostic import Diagnostic, EnvformError

_STANDARD_INPUT = "-"


@click.command(
    "push",
    cls=Command,
    examples=(
        ("What an apply had to keep aside", "envform state push errored.envform.json"),
        ("Another workspace's state into a new one", "envform state pull -workspace=old | envform state push -"),
    ),
)
@click.argument("pushed", metavar="FILE")
@project_options
@lock_options
@switch("-force", "Take a state of another lineage, or an older one, all the same.")
@click.pass_obj
def command(invocation: Invocation, pushed: str, force: bool) -> None:
    """Put the state in a file, or on standard input for `-`, in the place of the recorded one.

    It is checked first, and what is recorded is backed up. A state of another lineage is refused, and one that is older
    than what is recorded.
    """
    from reconciler.session.states import States

    content, source = _content(invocation, pushed)
    with watched(invocation, as_json=False) as session:
        states = States(session)
        backup = states.push(content, source, force=force)
        if backup:
            tell_backup(invocation, backup)
        invocation.out.line(f"The state of the workspace {states.workspace} is now what was pushed.")


def _content(invocation: Invocation, file: str) -> tuple[bytes, str]:
    if file == _STANDARD_INPUT:
        return invocation.input.read().encode(errors="surrogateescape"), "standard input"
    path = invocation.root / file
    try:
        if path.exists() and not path.is_file():
            raise _not_read(file, "it is no file")
        return path.read_bytes(), file
    except OSError as cause:
        raise _not_read(file, (cause.strerror or str(cause)).lower()) from cause


def _not_read(file: str, why: str) -> EnvformError:
    detail = f"The state that is to be pushed, `{file}`, cannot be read: {why}. Nothing was changed."
    return EnvformError(Diagnostic.error("State file not read", detail))
