"""What may stand where the cursor is: the answer that completion scripts ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from enum import StrEnum

import click

from reconciler.cli.command import Commands
from reconciler.cli.flags import canonical, is_switch, named, split_flag
from reconciler.model.frozen import dataclass


class Kind(StrEnum):
    """What the shell does with a candidate; for the last two, its text is what stands before the path."""

    WORD = "word"
    OPEN = "open"
    FILE = "file"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to go on, with a few words about it."""

    kind: Kind
    text: str
    about: str = ""


def candidates(root: click.Command, words: Sequence[str]) -> Iterator[Candidate]:
    """Ways to complete the last of the words that follow the program's name."""
    cursor = _Cursor(root)
    for word in words[:-1]:
        cursor.move(word)
    return cursor.at(words[-1] if words else "")


@dataclass(slots=True)
class _Cursor:
    command: click.Command
    arguments: int = 0
    flags_ended: bool = False
    awaits_value: click.Option | None = None
    lost: bool = field(default=False)

    def move(self, word: str) -> None:
        """Past one whole word."""
        if self.awaits_value is not None:
            self.awaits_value = None
        elif self.flags_ended or not word.startswith("-"):
            self._move_past_argument(word)
        elif word == "--":
            self.flags_ended = True
        else:
            _, name, value = split_flag(word)
            option = named(self.command.params).get(name)
            self.awaits_value = None if option is None or value is not None or is_switch(option) else option

    def _move_past_argument(self, word: str) -> None:
        if not isinstance(self.command, Commands):
            self.arguments += 1
            return
        command = self.command.get_command(click.Context(self.command), word)
        self.lost = command is None
        self.command, self.flags_ended = command or self.command, False

    def at(self, word: str) -> Iterator[Candidate]:
        """What the word here may become."""
        if self.lost:
            return iter(())
        if self.awaits_value is not None:
            return _values(self.awaits_value, "", word)
        if word.startswith("-") and not self.flags_ended:
            return self._flags(word)
        if isinstance(self.command, Commands):
            names = self.command.list_commands(click.Context(self.command))
            return (Candidate(Kind.WORD, n, self.command.table[n].help) for n in names if n.startswith(word))
        return self._argument(word)

    def _flags(self, word: str) -> Iterator[Candidate]:
        dashes, name, value = split_flag(word)
        options = named(self.command.params)
        if value is not None:
            option = options.get(name)
            return iter(()) if option is None else _values(option, f"{dashes}{name}=", value)
        return (each for each in self._all_flags(dashes) if each.text.startswith(word))

    def _all_flags(self, dashes: str) -> Iterator[Candidate]:
        for option in self.command.params:
            if isinstance(option, click.Option) and not option.hidden:
                text = dashes + canonical(option).lstrip("-")
                alone = is_switch(option)
                yield Candidate(Kind.WORD if alone else Kind.OPEN, text if alone else text + "=", option.help or "")
        if isinstance(self.command, Commands):
            for name, meant in self.command.flag_commands.items():
                if len(name) > 1:
                    yield Candidate(Kind.WORD, dashes + name, f"The same as `{meant}`.")

    def _argument(self, word: str) -> Iterator[Candidate]:
        taken = [parameter for parameter in self.command.params if isinstance(parameter, click.Argument)]
        place = min(self.arguments, len(taken) - 1)
        if place < 0 or (place < self.arguments and taken[place].nargs != -1):
            return iter(())
        return _values(taken[place], "", word)


def _values(parameter: click.Parameter, before: str, word: str) -> Iterator[Candidate]:
    kind = parameter.type
    if isinstance(kind, click.Path):
        yield Candidate(Kind.FILE if kind.file_okay else Kind.FOLDER, before)
        return
    known = kind.choices if isinstance(kind, click.Choice) else ("true", "false") if is_switch(parameter) else ()
    for value in known:
        if str(value).startswith(word):
            yield Candidate(Kind.WORD, f"{before}{value}")
