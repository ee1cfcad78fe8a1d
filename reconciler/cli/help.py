"""Help texts: what Terraform's look like, as wide as the reader's terminal."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterable, Sequence

import click

from reconciler.cli.command import Commands, Framed
from reconciler.cli.flags import canonical, is_switch
from reconciler.cli.invocation import Stream

_GLOBAL = {"-chdir", "-no-color", "-help"}
_WIDEST_TERM = 24


def command_help(command: Framed, context: click.Context, out: Stream) -> str:
    """The help of one command or group; every line ends with a newline."""
    page = _Page(out)
    own, shared = _flags(command)
    if isinstance(command, Commands):
        page.text(f"Usage: {context.command_path} [global flags] <command> [arguments]")
        page.prose(command.help or "")
        longest = max(command.list_commands(context), key=len)
        page.rows("Main commands", _entries(command, main=True), longest)
        main = any(entry.main for entry in command.table.values())
        page.rows("Other commands" if main else "Commands", _entries(command, main=False), longest)
    else:
        page.text("Usage: " + " ".join([context.command_path, *(["[flags]"] if own else []), *_arguments(command)]))
        page.prose(command.help or "")
    page.examples(command.examples)
    page.rows("Flags", [_flag_row(option) for option in own])
    page.rows("Global flags", [*map(_flag_row, shared), *_standing_for_commands(command)])
    return page.whole()


def flag_form(option: click.Option) -> str:
    """A flag with its value, as it is typed."""
    name = canonical(option)
    if is_switch(option):
        return f"{name}=false" if option.default is True else name
    metavar = option.metavar or "VALUE"
    return f"{name} {metavar}" if "=" in metavar else f"{name}={metavar}"


def argument_name(argument: click.Parameter) -> str:
    """An argument as help and mistakes call it."""
    return (argument.metavar or argument.name or "").strip("[]").upper()


class _Page:
    def __init__(self, out: Stream) -> None:
        self._style, self._width = out.style, max(out.width, 40)
        self._parts: list[str] = []

    def text(self, part: str) -> None:
        self._parts.append(part)

    def prose(self, text: str) -> None:
        paragraphs = inspect.cleandoc(text).split("\n\n")
        self.text("\n\n".join(self._wrapped(paragraph, indent="  ") for paragraph in paragraphs))

    def examples(self, examples: Sequence[tuple[str, str]]) -> None:
        if examples:
            lines = [f"{self._wrapped(what + ':', indent='  ')}\n    {line}" for what, line in examples]
            self._section("Examples", "\n".join(lines))

    def rows(self, title: str, rows: Sequence[tuple[str, str]], longest: str = "") -> None:
        if rows:
            column = min(max(len(longest), *(len(term) for term, _ in rows)), _WIDEST_TERM) + 2
            self._section(title, "\n".join(self._row(term, text, column) for term, text in rows))

    def whole(self) -> str:
        return "\n\n".join(part for part in self._parts if part) + "\n"

    def _section(self, title: str, body: str) -> None:
        self.text(f"{self._style.bold(title + ':')}\n{body}")

    def _row(self, term: str, text: str, column: int) -> str:
        first = f"  {term:<{column}}"
        wrapped = self._wrapped(text, indent=" " * (column + 2))
        return f"  {term}\n{wrapped}" if len(term) + 2 > column else first + wrapped.lstrip()

    def _wrapped(self, text: str, indent: str) -> str:
        return textwrap.fill(
            " ".join(text.split()),
            self._width - 1,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )


def _entries(command: Commands, *, main: bool) -> list[tuple[str, str]]:
    return [(name, entry.help) for name, entry in command.table.items() if entry.main is main and not entry.hidden]


def _flags(command: Framed) -> tuple[list[click.Option], list[click.Option]]:
    options = [option for option in command.params if isinstance(option, click.Option) and not option.hidden]
    own = [option for option in options if canonical(option) not in _GLOBAL]
    shared = [option for option in options if canonical(option) in _GLOBAL]
    return ([], [*own, *shared]) if isinstance(command, Commands) else (own, shared)


def _arguments(command: Framed) -> Iterable[str]:
    for argument in command.params:
        if isinstance(argument, click.Argument):
            name = argument_name(argument)
            yield name if argument.required else f"[{name}]"


def _standing_for_commands(command: Framed) -> list[tuple[str, str]]:
    return [(f"-{name}", f"The same as `{meant}`.") for name, meant in command.flag_commands.items() if len(name) > 1]


def _flag_row(option: click.Option) -> tuple[str, str]:
    return flag_form(option), option.help or ""
