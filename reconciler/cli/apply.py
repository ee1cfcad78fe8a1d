"""The command `envform apply`."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli import plan_files
from reconciler.cli.asked import request_options
from reconciler.cli.command import Command
from reconciler.cli.flags import PathName, option, switch
from reconciler.cli.interrupts import stoppable
from reconciler.cli.invocation import ExitCode, Invocation
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.request import AS_DECLARED, Request
from reconciler.rendering.plan import plan_text

_QUESTION = """
Do you want to perform these actions?
  envform will perform the actions described above.
  Only 'yes' will be accepted to approve.

  Enter a value: """


@click.command(
    "apply",
    cls=Command,
    examples=(
        ("Show the plan, ask, and carry it out", "envform apply"),
        ("Carry out a plan that was reviewed", "envform apply changes.plan"),
        ("In CI, without a question", "envform apply -auto-approve"),
    ),
)
@click.argument("planfile", metavar="[PLANFILE]", required=False, type=PathName())
@project_options
@request_options
@switch("-auto-approve", "Do not ask.")
@option("-parallelism", "N", "Work on so many environments at once.", type=click.IntRange(min=1))
@switch("-json", "One JSON object a line instead of text; needs -auto-approve or a plan file.")
@click.pass_obj
def command(
    invocation: Invocation,
    request: Request,
    planfile: Path | None,
    auto_approve: bool,
    parallelism: int | None,
    json: bool,
) -> ExitCode:
    """Make the registry hold what the configuration declares, and record it.

    Without a plan file it plans first and asks. Each finished change is recorded at once, so an apply that is
    stopped at any point can simply be started again.
    """
    if json and not (auto_approve or planfile):
        raise EnvformError(
            Diagnostic.error(
                "Nobody can be asked",
                "With -json there is no question, so the answer must be given before: "
                "add -auto-approve, or apply a saved plan.",
            )
        )
    if planfile and request != AS_DECLARED:
        raise EnvformError(
            Diagnostic.error(
                "Plan file with planning flags",
                "A saved plan is carried out as it is, so flags that say what to plan mean nothing beside it. Leave "
                "them out, or plan again with them.",
            )
        )
    with watched(invocation, as_json=json, parallelism=parallelism) as session, session.locked("apply") as locked:
        plan = plan_files.load(invocation.root / planfile) if planfile else locked.plan(request)
        if not planfile and not json:
            invocation.out.write(plan_text(plan, invocation.out.style))
        if (plan.work or plan.output_changes) and not (planfile or auto_approve or _approved(invocation)):
            invocation.err.line("\nApply cancelled.")
            return ExitCode.FAILED
        with stoppable(invocation) as stopped:
            locked.apply(plan, stopped)
    return ExitCode.FINE


def _approved(invocation: Invocation) -> bool:
    return invocation.ask(_QUESTION) == "yes"
