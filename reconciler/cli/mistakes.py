"""What click refuses, told our way."""

from __future__ import annotations

import click

from reconciler.cli.command import SPELLED
from reconciler.model.diagnostic import Diagnostic


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
        name = error.param.metavar or (error.param.name or "").upper()
        return Diagnostic.error("Missing argument", f"`{command}` needs {name}.", hint=_where_to_look(error))
    name = error.param.opts[0] if error.param else "a flag"
    return Diagnostic.error("Missing flag", f"`{command}` needs `{name}`.", hint=_where_to_look(error))


def _bad_value(error: click.BadParameter) -> Diagnostic:
    name = error.param.name or "" if error.param else ""
    spelled = error.ctx.meta.get(SPELLED, {}).get(name) if error.ctx else None
    subject = f"the flag `{spelled}`" if spelled else f"the argument {name.upper()}"
    detail = f"What was given for {subject} of `{_command(error)}` cannot be used: {_sentence(error.message)}"
    return Diagnostic.error("Invalid value", detail, hint=_where_to_look(error))


def _command(error: click.UsageError) -> str:
    return error.ctx.command_path if error.ctx else "envform"


def _where_to_look(error: click.ClickException) -> str:
    command = _command(error) if isinstance(error, click.UsageError) else "envform"
    return f"`{command} -help` shows what it takes"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else text + "."
