"""A session whose events reach whoever started the command: a person on stderr, or a program as JSON on stdout."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from reconciler.cli.invocation import ExitCode, Invocation, OutputClosedError
from reconciler.cli.live import Takes, takes_nothing
from reconciler.cli.sessions import open_session
from reconciler.model.diagnostic import EnvformError
from reconciler.model.event import ApplyFinished, Event, PlanFinished, Told
from reconciler.model.release import __version__

if TYPE_CHECKING:
    from reconciler.protocols import EventSink
    from reconciler.session import Session


@contextmanager
def watched(
    invocation: Invocation, *, as_json: bool, parallelism: int | None = None, takes: Takes = takes_nothing
) -> Iterator[Session]:
    """With JSON, errors go into the stream too, and the command ends as failed without a second word.

    Events that somebody `takes` are not told here.
    """
    # The session imports every room; help and completion must not pay for it.
    from reconciler.session import utc_now

    tell = functools.partial(_json, invocation) if as_json else functools.partial(_line, invocation, takes)
    sink = _Untiring(tell)
    session = open_session(invocation, sink)
    if parallelism is not None:
        session = replace(session, parallelism=parallelism)
    if not as_json:
        yield session
        sink.check()
        return
    from reconciler.rendering.json_lines import version_line

    invocation.out.line(version_line(__version__, utc_now()))
    try:
        yield session
        sink.check()
    except EnvformError as error:
        for diagnostic in error.diagnostics:
            session.emit(Told(diagnostic))
        click.get_current_context().exit(ExitCode.FAILED)


class _Untiring:
    """Tells as long as somebody listens. Work goes on when nobody does any more, for half an apply helps no one."""

    def __init__(self, tell: EventSink) -> None:
        self._tell = tell
        self._closed: OutputClosedError | None = None

    def __call__(self, event: Event) -> None:
        """Tell, or find out that nobody listens."""
        if self._closed is None:
            try:
                self._tell(event)
            except OutputClosedError as closed:
                self._closed = closed

    def check(self) -> None:
        """Raises what was kept back, once the work is done."""
        if self._closed is not None:
            raise self._closed


def _json(invocation: Invocation, event: Event) -> None:
    from reconciler.rendering.json_lines import json_lines
    from reconciler.rendering.plan import cautions
    from reconciler.session import utc_now

    told = [Told(caution) for caution in cautions(event.plan)] if isinstance(event, PlanFinished) else []
    for one in (event, *told):
        for line in json_lines(one, utc_now()):
            invocation.out.line(line)


def _line(invocation: Invocation, takes: Takes, event: Event) -> None:
    from reconciler.rendering.outputs import outputs_text
    from reconciler.rendering.plan import plan_text
    from reconciler.rendering.progress import apply_summary, progress_line

    style = invocation.out.style
    if takes(event):
        return
    if isinstance(event, ApplyFinished):
        invocation.out.line("\n" + apply_summary(event, style))
        if outputs := outputs_text(event.outputs, style):
            invocation.out.write("\n" + outputs)
        return
    if isinstance(event, PlanFinished) and event.plan.errored:
        invocation.out.write(plan_text(event.plan, style))
        return
    if isinstance(event, Told):
        invocation.tell(event.diagnostic)
        return
    line = progress_line(event, invocation.err.style)
    if line is not None:
        invocation.err.line(line)
