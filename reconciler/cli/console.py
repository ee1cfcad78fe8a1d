"""The command `envform console`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import switch
from reconciler.cli.invocation import ExitCode, Invocation
from reconciler.cli.project import project_options
from reconciler.cli.sessions import open_session
from reconciler.language.value import Value
from reconciler.model.diagnostic import EnvformError

_PROMPT, _MORE = "> ", "  "
_END = "exit"


@click.command(
    "console",
    cls=Command,
    examples=(
        ("Try expressions, one a line", "envform console"),
        ("In a script: an expression in, its value out", "echo 'upper(\"a\")' | envform console"),
    ),
)
@project_options
@switch("-json", "Print each value as a line of JSON.")
@click.pass_obj
def command(invocation: Invocation, json: bool) -> ExitCode:
    """Evaluate the expressions on standard input, one a line, and show the value of each in HCL.

    They may refer to what the configuration declares. On a terminal an expression may go on over several lines while
    a bracket or heredoc is open. The line `exit` ends it, as the end of input does. Returns 1 if an expression failed.
    """
    from reconciler.language.prompt import value_of_text
    from reconciler.session.grammar import grammar_kept

    session = open_session(invocation, lambda _: None)
    code = ExitCode.FINE
    with grammar_kept():
        scope = session.scope()
        for text in _expressions(invocation):
            try:
                shown = _shown(value_of_text(text, scope.renewed()), json, invocation.out.terminal)
            except EnvformError as error:
                invocation.tell(*error.diagnostics)
                code = ExitCode.FAILED
            else:
                invocation.out.line(shown)
    return code


def _shown(value: Value, as_json: bool, several_lines: bool) -> str:
    from reconciler.language.written import masked, to_hcl, to_json

    return to_json(masked(value)) if as_json else to_hcl(value, 0 if several_lines else None)


def _expressions(invocation: Invocation) -> Iterator[str]:
    for text in _typed(invocation) if invocation.interactive else invocation.input:
        line = text.strip()
        if line == _END:
            return
        if line and not line.startswith(("#", "//")):
            yield text.rstrip("\r\n")


def _typed(invocation: Invocation) -> Iterator[str]:
    """What a person types; an empty line ends what could go on forever."""
    from reconciler.language.prompt import is_unfinished

    text = ""
    while (line := _line(invocation, _MORE if text else _PROMPT)) is not None:
        text = f"{text}\n{line}" if text else line
        if not line.strip() or not is_unfinished(text):
            yield text
            text = ""


def _line(invocation: Invocation, prompt: str) -> str | None:
    """The next line, None at the end of input; on the process's own terminal with its editing keys and history."""
    if invocation.input is not sys.stdin:
        invocation.err.write(prompt)
        line = invocation.input.readline()
        return line.rstrip("\r\n") if line else None
    import readline  # noqa: F401 - that it is imported is what gives input() its keys

    try:
        return input(prompt)
    except EOFError:
        invocation.err.line()
        return None
