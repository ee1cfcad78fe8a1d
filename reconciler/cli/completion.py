"""The command `envform completion`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.completion_scripts import SCRIPTS
from reconciler.cli.invocation import Invocation


@click.command(
    "completion",
    cls=Command,
    examples=(
        ("In ~/.bashrc", "source <(envform completion bash)"),
        ("In ~/.zshrc, after compinit", "source <(envform completion zsh)"),
        ("Once, for fish", "envform completion fish > ~/.config/fish/completions/envform.fish"),
    ),
)
@click.argument("shell", type=click.Choice(tuple(SCRIPTS)))
@click.pass_obj
def command(invocation: Invocation, shell: str) -> None:
    """Print the script that makes a shell complete envform's words.

    SHELL is bash, zsh or fish. Commands, flags and their values are completed, and file names where a path is wanted.
    """
    invocation.out.write(SCRIPTS[shell])
