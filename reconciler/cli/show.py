"""The command `envform show`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli import plan_files
from reconciler.cli.command import Command
from reconciler.cli.flags import PathName, switch
from reconciler.cli.invocation import Invocation
from reconciler.cli.project import project_options
from reconciler.cli.shown import JSON, TEXT, check_formats, format_option, show_plan
from reconciler.cli.watch import watched
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.release import __version__

if TYPE_CHECKING:
    from reconciler.model.state import State


@click.command(
    "show",
    cls=Command,
    examples=(
        ("All that is recorded", "envform show"),
        ("A saved plan, as envform plan showed it", "envform show changes.plan"),
        ("The same for a program, in Terraform's form", "envform show -json changes.plan"),
        ("For a pull request", "envform show -format=markdown changes.plan"),
    ),
)
@click.argument("shown", metavar="[FILE]", required=False, type=PathName())
@project_options
@switch("-json", "The same as -format=json.")
@format_option
@click.pass_obj
def command(invocation: Invocation, shown: Path | None, json: bool, form: str) -> None:
    """Show the recorded state, or the plan or state in a file.

    Takes no lock and looks at no registry. A file needs no configuration.
    """
    if json and form != JSON:
        check_formats(form, stream=True)
        form = JSON
    if shown is None:
        _show_state(invocation, _recorded(invocation), form)
        return
    content = plan_files.read(invocation.root / shown)
    plan = plan_files.plan_of(content, shown.name)
    if plan is not None:
        show_plan(invocation, plan, form)
    else:
        from reconciler.session.state_files import state_of

        _show_state(invocation, state_of(content, shown.name), form)


def _recorded(invocation: Invocation) -> State:
    from reconciler.model.state import State

    with watched(invocation, as_json=False) as session:
        return session.backend.read() or State(lineage="")


def _show_state(invocation: Invocation, state: State, form: str) -> None:
    if form == JSON:
        from reconciler.rendering.documents import state_document

        invocation.out.write(state_document(state, __version__))
    elif form == TEXT:
        from reconciler.rendering.state_text import state_text

        invocation.out.write(state_text(state, invocation.out.style))
    else:
        detail = "Only plans are shown as Markdown, and this is a state. Leave -format out, or write `-format=json`."
        raise EnvformError(Diagnostic.error("No such format for a state", detail))
