"""The command `envform apply`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli import plan_files
from reconciler.cli.asked import request_options
from reconciler.cli.command import Command
from reconciler.cli.flags import PathName, option, switch
from reconciler.cli.interrupts import stoppable
from reconciler.cli.invocation import ExitCode, Invocation
from reconciler.cli.live import live
from reconciler.cli.locking import Duration, lock_options
from reconciler.cli.project import project_options
from reconciler.cli.shown import show_plan
from reconciler.cli.watch import watched
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.frozen import dataclass
from reconciler.model.request import AS_DECLARED, Request

if TYPE_CHECKING:
    from reconciler.model.plan import Plan
    from reconciler.session import LockedSession, Session

_QUESTION = """
Do you want to perform these actions?
  envform will perform the actions described above.
  Only 'yes' will be accepted to approve.

  Enter a value: """
_DESTROYING = """
Do you really want to destroy all of these environments?
  envform will archive or delete them, as shown above. Archived ones keep their
  images; what is deleted cannot be brought back.
  Only 'yes' will be accepted to confirm.

  Enter a value: """


@dataclass(frozen=True, slots=True)
class Manner:
    """How a plan is carried out; apply and destroy share the flags."""

    auto_approve: bool
    parallelism: int | None
    json: bool


def manner_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Hands the command one `manner` instead of the flags that it is made of."""

    @functools.wraps(command)
    def with_manner(*args: Any, auto_approve: bool, parallelism: int | None, json: bool, **others: Any) -> Any:
        return command(*args, manner=Manner(auto_approve, parallelism, json), **others)

    decorated: Callable[..., Any] = with_manner
    for flag in (
        lock_options,
        switch("-json", "One JSON object a line instead of text; nobody is asked then."),
        option("-parallelism", "N", "Work on so many environments at once.", type=click.IntRange(min=1)),
        switch("-auto-approve", "Do not ask."),
    ):
        decorated = flag(decorated)
    return decorated


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
@manner_options
@option(
    "-build-timeout",
    "DURATION",
    "Let no build take longer than this, such as 30m or 2h. The default is to let it take what it needs.",
    type=Duration(),
    default=0.0,
)
@click.pass_obj
def command(
    invocation: Invocation, request: Request, manner: Manner, build_timeout: float, planfile: Path | None
) -> ExitCode:
    """Make the registry hold what the configuration declares, and record it.

    Without a plan file it plans first and asks. Each finished change is recorded at once, so an apply that is
    stopped at any point can simply be started again.
    """
    if planfile and request != AS_DECLARED:
        detail = (
            "A saved plan is carried out as it is, so flags that say what to plan mean nothing beside it. Leave them "
            "out, or plan again with them."
        )
        raise EnvformError(Diagnostic.error("Plan file with planning flags", detail))
    wanted = request if planfile is None else invocation.root / planfile
    return carry_out(invocation, manner, wanted, build_timeout)


def carry_out(invocation: Invocation, manner: Manner, wanted: Request | Path, build_timeout: float = 0.0) -> ExitCode:
    """Show a plan, ask, and carry it out; one in a file was reviewed, so it needs neither."""
    reviewed = isinstance(wanted, Path)
    approved = reviewed or manner.auto_approve
    if manner.json and not approved:
        detail = (
            "With -json there is no question, so the answer must be given before: add -auto-approve, or apply a "
            "saved plan."
        )
        raise EnvformError(Diagnostic.error("Nobody can be asked", detail))
    with (
        live(invocation) as (shown, takes),
        watched(shown, as_json=manner.json, parallelism=manner.parallelism, takes=takes) as session,
        _planned(session, wanted) as (locked, plan),
    ):
        if not reviewed and not manner.json:
            show_plan(invocation, plan)
        if (plan.work or plan.output_changes) and not (approved or _approved(invocation, plan)):
            invocation.err.line(f"\n{'Destroy' if plan.mode == 'destroy' else 'Apply'} cancelled.")
            return ExitCode.FAILED
        with stoppable(shown) as stopped:
            locked.apply(plan, stopped, build_timeout)
    return ExitCode.FINE


@contextmanager
def _planned(session: Session, wanted: Request | Path) -> Iterator[tuple[LockedSession, Plan]]:
    """The plan, under the state's lock."""
    if isinstance(wanted, Path):
        plan = plan_files.load(wanted)
        with session.for_plan(plan).locked("apply") as locked:
            yield locked, plan
    else:
        with session.locked("apply") as locked:
            yield locked, locked.plan(wanted)


def _approved(invocation: Invocation, plan: Plan) -> bool:
    return invocation.ask(_DESTROYING if plan.mode == "destroy" else _QUESTION) == "yes"
