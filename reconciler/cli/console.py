"""The command `envform console`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import switch
from reconciler.cli.invocation import ExitCode, Invocation
from reconciler.cli.project import project_options
from reconciler.cli.sessions import open_session
from reconciler.model.diagnostic import EnvformError

if TYPE_CHECKING:
    from reconciler.language.types import Type
    from reconciler.language.value import Value

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

    They may refer to what the configuration declares; `type(EXPRESSION)` shows of what type a value is. On a terminal
    an expression may go on over several lines while a bracket or heredoc is open. The line `exit` ends it, as the end
    of input does. Returns 1 if an expression failed.
    """
    from reconciler.session.grammar import grammar_kept

    session = open_session(invocation, lambda _: None)
    code = ExitCode.FINE
    with grammar_kept():
        prompt = session.prompt()
        for line, text in _expressions(invocation):
            try:
                shown = _shown(prompt.answer(text, line), json, invocation.out.terminal)
            except EnvformError as error:
                invocation.tell(*error.diagnostics)
                code = ExitCode.FAILED
            else:
                invocation.out.line(shown)
    return code


def _shown(found: Value | Type, as_json: bool, several_lines: bool) -> str:
    from reconciler.language.types import Type
    from reconciler.language.written import masked, to_hcl, to_json
    from reconciler.language.written_types import type_to_hcl

    indent = 0 if several_lines else None
    if isinstance(found, Type):
        return to_json(type_to_hcl(found)) if as_json else type_to_hcl(found, indent)
    return to_json(masked(found)) if as_json else to_hcl(found, indent)


def _expressions(invocation: Invocation) -> Iterator[tuple[int, str]]:
    """Each with the number of its first line."""
    for number, text in _typed(invocation) if invocation.interactive else enumerate(invocation.input, 1):
        line = text.strip()
        if line == _END:
            return
        if line and not line.startswith(("#", "//")):
            yield number, text.rstrip("\r\n")


def _typed(invocation: Invocation) -> Iterator[tuple[int, str]]:
    """What a person types; an empty line ends what could go on forever."""
    from reconciler.language.prompt import is_unfinished

    text, first, number = "", 1, 0
    while (line := _line(invocation, _MORE if text else _PROMPT)) is not None:
        number += 1
        first, text = (first, f"{text}\n{line}") if text else (number, line)
        if not line.strip() or not is_unfinished(text):
            yield first, text
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
