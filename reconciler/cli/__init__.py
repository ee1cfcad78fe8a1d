"""The command line: one file a command, and the one catch."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn, TextIO

if TYPE_CHECKING:
    from reconciler.cli.invocation import Invocation
    from reconciler.model.diagnostic import Diagnostic

_INTERRUPTED = 130


def main() -> NoReturn:
    """The program as shells start it."""
    try:
        # Everything is imported inside, so that Ctrl-C is quiet from the first moment on.
        from reconciler.cli.invocation import Invocation

        code = run(sys.argv[1:], Invocation.of_process())
    except KeyboardInterrupt:
        code = _INTERRUPTED
    _let_go_of_output()
    sys.exit(code)


def run(arguments: Sequence[str], invocation: Invocation) -> int:
    """One run of the program; whatever happens, it ends in an exit code."""
    import click

    from reconciler.cli.commands import envform
    from reconciler.cli.invocation import ExitCode, OutputClosedError
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
        return _tell(context.obj, "\nInterrupted.\n" if context.obj.err.terminal else "Interrupted.\n", _INTERRUPTED)
    except click.ClickException as mistake:
        from reconciler.cli.mistakes import diagnostic_of

        return _tell(context.obj, _shown(context.obj, [diagnostic_of(mistake)]))
    except EnvformError as error:
        return _tell(context.obj, _shown(context.obj, error.diagnostics))
    except Exception as bug:  # noqa: BLE001 - the one place that catches all: what comes here is a bug of envform
        return _tell(context.obj, _crash(context.obj, bug))


def _shown(invocation: Invocation, diagnostics: Sequence[Diagnostic]) -> str:
    from reconciler.rendering.diagnostics import diagnostics_text

    err = invocation.err
    return diagnostics_text(diagnostics, err.style, err.width if err.terminal else None, box=err.draws_boxes)


def _crash(invocation: Invocation, bug: Exception) -> str:
    import traceback

    from reconciler import __version__
    from reconciler.model.diagnostic import Diagnostic
    from reconciler.rendering.escape import safe_lines

    told = Diagnostic.error(
        "envform crashed",
        "This is a bug in envform, not in your configuration. Finished changes are recorded, so it is safe to run the"
        f" command again. Please report this message with all that follows; this is envform v{__version__}.",
    )
    return _shown(invocation, [told]) + "\n" + safe_lines("".join(traceback.format_exception(bug)))


def _tell(invocation: Invocation, text: str, code: int = 1) -> int:
    from reconciler.cli.invocation import OutputClosedError
    from reconciler.model.diagnostic import EnvformError

    with suppress(OutputClosedError, EnvformError):  # when nobody listens, the exit code still tells
        invocation.err.write(text)
    return code


def _let_go_of_output() -> None:
    """What could not be written stays in Python's buffers; at its end Python would fail on it once more."""
    streams: tuple[TextIO | None, ...] = (sys.stdout, sys.stderr)
    for stream in filter(None, streams):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
