"""What click refuses, told our way."""

from __future__ import annotations

from collections.abc import Sequence

import click

from reconciler.cli.command import TYPED
from reconciler.cli.flags import Typed
from reconciler.cli.help import argument_name
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.suggestion import did_you_mean


def diagnostic_of(error: click.ClickException) -> Diagnostic:
    """The diagnostic for a mistake on the command line, with flags named as they were typed."""
    if isinstance(error, click.MissingParameter):
        return _missing(error)
    if isinstance(error, click.BadParameter):
        return _bad_value(error)
    return Diagnostic.error("Invalid command line", _sentence(error.format_message()), hint=_where_to_look(error))


def _missing(error: click.MissingParameter) -> Diagnostic:
    command = _command(error)
    if isinstance(error.param, click.Argument):
        return Diagnostic.error(
            "Missing argument",
            f"`{command}` needs {argument_name(error.param).rstrip('.')}.",
            hint=_where_to_look(error),
        )
    name = error.param.opts[0] if error.param else "a flag"
    return Diagnostic.error("Missing flag", f"`{command}` needs `{name}`.", hint=_where_to_look(error))


def _bad_value(error: click.BadParameter) -> Diagnostic:
    if error.ctx is None or error.param is None:
        return Diagnostic.error("Invalid value", _sentence(error.message), hint=_where_to_look(error))
    typed: Typed = error.ctx.meta[TYPED]
    given = typed.given.get(error.param.name or "")
    subject, values = (f"the flag `{given[0]}`", [given[1]]) if given else (argument_name(error.param), typed.words)
    detail = f"What was given for {subject} of `{_command(error)}` cannot be used: {_sentence(error.message)}"
    return Diagnostic.error("Invalid value", detail, hint=_nearest_choice(error.param, values) or _where_to_look(error))


def _nearest_choice(parameter: click.Parameter, values: Sequence[str]) -> str:
    choices = parameter.type.choices if isinstance(parameter.type, click.Choice) else ()
    return next((hint for value in values if value not in choices and (hint := did_you_mean(value, choices))), "")


def _command(error: click.UsageError) -> str:
    return error.ctx.command_path if error.ctx else "envform"


def _where_to_look(error: click.ClickException) -> str:
    command = _command(error) if isinstance(error, click.UsageError) else "envform"
    return f"`{command} -help` shows what it takes"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else text + "."
