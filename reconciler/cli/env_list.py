"""The command `envform env list`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.env_output import TABLE, output_option, write_document
from reconciler.cli.flags import option, switch
from reconciler.cli.invocation import Invocation
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.environment import ANONYMOUS
from reconciler.rendering.escape import safe


@click.command(
    "list",
    cls=Command,
    examples=(
        ("What may be used: the latest version of each", "envform env list"),
        ("All versions of one, newest first", "envform env list -name=training"),
        ("For a program, archived ones too", "envform env list -include-archived -o=json"),
    ),
)
@project_options
@option("-name", "NAME", "All versions of this environment.", default="")
@switch("-include-archived", "Archived ones too.")
@switch("-archived-only", "Archived ones, and no others.")
@switch("-curated", "Those that come with envform, in place of the registered ones.")
@output_option
@click.pass_obj
def command(
    invocation: Invocation, name: str, include_archived: bool, archived_only: bool, curated: bool, output: str
) -> None:
    """List the environments that are registered in this workspace, each with its latest version.

    Curated ones are used by their names, as `environment.NAME.image` or with `data "environment"`, and never changed:
    `envform env clone` makes one's own of them.
    """
    if include_archived and archived_only:
        raise _excluded("-include-archived asks for all, and -archived-only for some of them. Give one of the two.")
    if curated and (name or include_archived or archived_only):
        raise _excluded(
            "-curated lists what comes with envform, all of it; the other flags are about what is registered."
        )
    if curated:
        _list_curated(invocation, output)
        return
    from reconciler.rendering.catalogue import entry_json, list_text
    from reconciler.session.catalogue import Catalogue, listed

    with watched(invocation, as_json=False) as session:
        state = Catalogue(session).state
        found = listed(state, name, active=not archived_only, archived=include_archived or archived_only)
    versions = [(one.registered, one.record) for one in found]
    if output == TABLE:
        named = name or state.environments.keys() - {ANONYMOUS}
        nothing = _nothing(name, archived_only=archived_only) if named else ""
        invocation.out.write(list_text(versions, state.locks, nothing))
    else:
        entries = [entry_json(*version, state.locks) for version in versions]
        write_document(invocation, output, {"environments": entries})


def _nothing(name: str, *, archived_only: bool) -> str:
    of_it = f" of `{safe(name)}`" if name else ""
    if not archived_only:
        return f"All that is registered{of_it} is archived; -include-archived lists it."
    alone = "" if name else " Versions that were archived alone are listed with -name."
    return f"Nothing{of_it} is archived.{alone}"


def _excluded(detail: str) -> EnvformError:
    return EnvformError(Diagnostic.error("Flags that exclude each other", detail))


def _list_curated(invocation: Invocation, output: str) -> None:
    from reconciler.rendering.catalogue import curated_json, curated_text
    from reconciler.session.curated import curated_environments

    found = curated_environments()
    if output == TABLE:
        invocation.out.write(curated_text(found))
    else:
        write_document(invocation, output, {"environments": [curated_json(one) for one in found]})
