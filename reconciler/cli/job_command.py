"""Commands that end as their job ends, so that what envform itself could not do needs exit codes of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from reconciler.cli.command import Command
from reconciler.cli.invocation import OWN_FAILURE, ExitCode
from reconciler.model.diagnostic import EnvformError
from reconciler.model.work import CANNOT_START, NOT_FOUND

_OF_SUMMARY = {NOT_FOUND: ExitCode.NO_SUCH_PROGRAM, CANNOT_START: ExitCode.NOT_EXECUTABLE}


class JobCommand(Command):
    """Its own failures end as those of `docker run`: 127 and 126 where the program is to blame, and else 125."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """What is wrong with the flags is no failure of a job either."""
        if parent is not None:
            parent.meta[OWN_FAILURE] = ExitCode.NOT_RUN
        with _own_failures(parent):
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """The job's exit code, or one of ours."""
        with _own_failures(ctx):
            return super().invoke(ctx)


@contextmanager
def _own_failures(context: click.Context | None) -> Iterator[None]:
    try:
        yield
    except (click.ClickException, EnvformError) as failure:
        if context is None:
            raise
        diagnostics = _diagnostics(failure)
        context.find_root().obj.tell(*diagnostics)
        raise click.exceptions.Exit(_OF_SUMMARY.get(diagnostics[0].summary, ExitCode.NOT_RUN)) from None


def _diagnostics(failure: click.ClickException | EnvformError) -> tuple[Any, ...]:
    if isinstance(failure, EnvformError):
        return failure.diagnostics
    from reconciler.cli.mistakes import diagnostic_of

    return (diagnostic_of(failure),)
