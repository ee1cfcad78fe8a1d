"""The command line: one file a command, and the one catch."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING, NoReturn, TextIO

if TYPE_CHECKING:
    from reconciler.cli.invocation import Invocation

_INTERRUPTED = 130
_OBJECTS = 250_000


def main() -> NoReturn:
    """The program as shells start it."""
    # Importing makes tens of thousands of objects that stay: Python would go over all of them again and again.
    gc.set_threshold(_OBJECTS, *gc.get_threshold()[1:])
    try:
        # Everything is imported inside, so that Ctrl-C is quiet from the first moment on.
        from reconciler.cli.interrupts import end_soon
        from reconciler.cli.invocation import Invocation

        invocation = Invocation.of_process()
        end_soon(invocation)
        code = answer(sys.argv[1:], invocation)
    except KeyboardInterrupt:
        code = _INTERRUPTED
    _let_go_of_output()
    if code == _INTERRUPTED:
        os._exit(code)  # Python would wait for threads that nobody waits for any more
    sys.exit(code)


def answer(arguments: Sequence[str], invocation: Invocation) -> int:
    """One run of the program; whatever happens, it ends in an exit code."""
    import click

    from reconciler.cli.commands import envform
    from reconciler.cli.invocation import OWN_FAILURE, ExitCode, OutputClosedError
    from reconciler.model.diagnostic import EnvformError

    context = click.Context(envform, info_name="envform", obj=invocation)
    try:
        with context:
            envform.parse_args(context, [*arguments])
            return int(envform.invoke(context) or ExitCode.FINE)
    except OutputClosedError:
        return ExitCode.OUTPUT_CLOSED
    except click.exceptions.Exit as end:
        return end.exit_code
    except (KeyboardInterrupt, click.Abort):
        with _told():
            context.obj.err.write("\nInterrupted.\n" if context.obj.err.terminal else "Interrupted.\n")
        return ExitCode.INTERRUPTED
    except click.ClickException as mistake:
        from reconciler.cli.mistakes import diagnostic_of

        with _told():
            context.obj.tell(diagnostic_of(mistake))
    except EnvformError as error:
        with _told():
            context.obj.tell(*error.diagnostics)
    except Exception as bug:  # noqa: BLE001 - the one place that catches all: what comes here is a bug of envform
        with _told():
            _tell_crash(context.obj, bug)
    return int(context.meta.get(OWN_FAILURE, ExitCode.FAILED))


def _tell_crash(invocation: Invocation, bug: Exception) -> None:
    import traceback

    from reconciler.model.diagnostic import Diagnostic
    from reconciler.model.release import __version__
    from reconciler.rendering.escape import safe_lines

    told = Diagnostic.error(
        "envform crashed",
        "This is a bug in envform, not in your configuration. Finished changes are recorded, so it is safe to run the"
        f" command again. Please report this message with all that follows; this is envform v{__version__}.",
    )
    invocation.tell(told)
    invocation.err.write("\n" + safe_lines("".join(traceback.format_exception(bug))))


def _told() -> AbstractContextManager[None]:
    """When nobody listens, the exit code still tells."""
    from reconciler.cli.invocation import OutputClosedError
    from reconciler.model.diagnostic import EnvformError

    return suppress(OutputClosedError, EnvformError)


def _let_go_of_output() -> None:
    """What could not be written stays in Python's buffers; at its end Python would fail on it once more."""
    streams: tuple[TextIO | None, ...] = (sys.stdout, sys.stderr)
    for stream in filter(None, streams):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
