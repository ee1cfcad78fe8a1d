"""The click classes that every command is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import click

from reconciler.cli.flags import FlagReader, PathName, Typed, named
from reconciler.cli.invocation import ExitCode, Invocation
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.frozen import dataclass
from reconciler.model.suggestion import did_you_mean

TYPED = "envform.typed"


def _replaced(context: click.Context, invocation: Invocation) -> None:
    # The root context is what the one catch looks at; the command's own is what pass_obj gives.
    context.obj = context.find_root().obj = invocation


def _chdir(context: click.Context, _: click.Parameter, folder: Path | None) -> None:
    if folder is not None:
        _replaced(context, context.obj.in_folder(folder))


def _no_color(context: click.Context, _: click.Parameter, plain: bool) -> None:
    if plain:
        _replaced(context, context.obj.without_colour())


def _help(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        context.obj.out.write(context.command.get_help(context))
        context.exit(ExitCode.FINE)


def _refuse(context: click.Context, typed: Typed) -> None:
    if "-no-color=true" in typed.flags:
        _replaced(context, context.obj.without_colour())
    if "-help=true" in typed.flags:
        context.obj.out.write(context.command.get_help(context))
        context.exit(ExitCode.FINE)
    typed.problems.check()


def global_options() -> list[click.Parameter]:
    """What may stand before and after every command, in the order in which help shows it."""
    settings: dict[str, Any] = {"expose_value": False, "is_eager": True}
    return [
        click.Option(
            ["-chdir"],
            metavar="DIR",
            type=PathName(folder=True),
            callback=_chdir,
            help="Work in this folder instead of the one envform is started in.",
            **settings,
        ),
        click.Option(["-no-color"], type=click.BOOL, callback=_no_color, help="Print without colour.", **settings),
        click.Option(
            ["-help", "-h"], type=click.BOOL, callback=_help, help="Show this help, or a command's.", **settings
        ),
    ]


class Framed(click.Command):
    """What single commands and groups share: flags read our way, help in our form."""

    allow_extra_args = True
    flag_commands: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *args: Any, examples: Sequence[tuple[str, str]] = (), **settings: Any) -> None:
        super().__init__(*args, **{**settings, "add_help_option": False})
        self.examples = tuple(examples)
        self.params.extend(global_options())

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Sort the words our way, then leave the values to click."""
        reader = FlagReader(ctx.command_path, named(self.params), self.allow_interspersed_args, self.flag_commands)
        typed = reader.read(args)
        ctx.meta[TYPED] = typed
        if typed.problems.failed:
            _refuse(ctx, typed)
        return super().parse_args(ctx, [*typed.flags, "--", *typed.words])

    def get_help(self, ctx: click.Context) -> str:
        """The whole help text, as wide and as colourful as `out` allows."""
        from reconciler.cli.help import command_help

        return command_help(self, ctx, ctx.obj.out)


class Command(Framed):
    """One command: `@click.command("plan", cls=Command, examples=((WHAT, COMMAND LINE), …))`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Words that no argument takes are a mistake."""
        super().parse_args(ctx, args)
        if ctx.args:
            raise EnvformError(
                Diagnostic.error(
                    "Unexpected argument",
                    f"`{ctx.command_path}` does not know what to do with `{ctx.args[0]}`.",
                    hint=f"`{ctx.command_path} -help` shows what it takes",
                )
            )
        return ctx.args


@dataclass(frozen=True, slots=True)
class Entry:
    """A command before it is imported: where it is, and the line that help shows."""

    module: str
    help: str
    main: bool = False
    hidden: bool = False


@click.pass_context
def _without_command(context: click.Context) -> None:
    # Not 0, for nothing was done; not Terraform's 127, for shells and CI read that as "envform is not installed".
    if context.invoked_subcommand is None:
        context.obj.out.write(context.command.get_help(context))
        context.exit(ExitCode.FAILED)


class Commands(Framed, click.Group):
    """A group that imports a command only when it is used; each module has it under the name `command`."""

    def __init__(self, *args: Any, table: Mapping[str, Entry], **settings: Any) -> None:
        super().__init__(*args, callback=_without_command, invoke_without_command=True, **settings)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the face is click's
        """The names that help and completion show."""
        return [name for name, entry in self.table.items() if not entry.hidden]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command; None when there is no such name."""
        entry = self.table.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = import_module(entry.module).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant, by its whole name only."""
        command = self.get_command(ctx, args[0])
        if command is not None:
            return args[0], command, args[1:]
        raise EnvformError(
            Diagnostic.error(
                "Unknown command",
                f"`{ctx.command_path}` has no command `{args[0]}`.",
                hint=did_you_mean(args[0], self.list_commands(ctx)) or f"`{ctx.command_path} -help` lists them",
            )
        )
