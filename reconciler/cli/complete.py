"""The hidden command that completion scripts call: `envform __complete -- WORD …`, the last word unfinished."""

from __future__ import annotations

import click

from reconciler.cli.candidates import candidates
from reconciler.cli.command import Command
from reconciler.cli.invocation import Invocation


@click.command("__complete", cls=Command)
@click.argument("words", nargs=-1)
@click.pass_context
def command(context: click.Context, words: tuple[str, ...]) -> None:
    """Answer a completion script: one candidate a line, as KIND, TEXT and a few words about it, with tabs between."""
    invocation: Invocation = context.obj
    found = candidates(context.find_root().command, words)
    invocation.out.write("".join(f"{each.kind}\t{each.text}\t{each.about}\n" for each in found))
