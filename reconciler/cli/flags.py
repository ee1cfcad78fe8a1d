"""Flags as Terraform's users type them: one dash or two, a value after `=` or a blank; no abbreviations, no bundles."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

import click

from reconciler.model.diagnostic import Diagnostic, Diagnostics
from reconciler.model.frozen import dataclass
from reconciler.model.suggestion import nearest

_SWITCH = {"true", "false", "1", "0"}
# What scripts give to Terraform, and there is nothing of it here.
_TERRAFORM = {
    "input": "envform never asks for variables; without -auto-approve and a terminal, apply is cancelled",
    "lock": "nothing is locked by this command, so leave the flag out",
    "lock-timeout": "nothing is locked by this command, so leave the flag out",
    "refresh-only": "`envform drift` shows what has changed outside of envform",
    "state": "the state is chosen by `-workspace`, or by a `backend` block",
    "state-out": "the state is chosen by `-workspace`, or by a `backend` block",
}

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def option(name: str, metavar: str, text: str, /, **settings: Any) -> Decorator:
    """A flag with a value, named with one dash and more than one letter; the settings are click's."""
    return click.option(name, metavar=metavar, help=text, **settings)


class _Standalone(click.Option):
    """A flag with a value that may be left out."""

    def __init__(self, *args: Any, alone: str, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.alone = alone


def option_or_switch(name: str, metavar: str, text: str, /, *, alone: str, **settings: Any) -> Decorator:
    """A flag whose value follows `=` or is left out, and is `alone` then; repeatable."""
    return click.option(name, cls=_Standalone, alone=alone, metavar=metavar, help=text, multiple=True, **settings)


def switch(name: str, text: str, /, *, default: bool = False) -> Decorator:
    """A flag that is on or off; one that is on by default is turned off with `-name=false`."""
    return click.option(name, help=text, type=click.BOOL, is_flag=False, default=default)


class PathName(click.Path):
    """A path as typed. It is seen from the project folder, which click does not know, so click must not look."""

    def __init__(self, *, folder: bool = False) -> None:
        super().__init__(file_okay=not folder, path_type=Path)

    def convert(self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Only that there is a name at all is asked."""
        if not os.fspath(value):
            self.fail("it is empty", param, ctx)
        return Path(value)


def is_switch(parameter: click.Parameter) -> bool:
    """Whether a flag stands alone, meaning `true`."""
    return parameter.type is click.BOOL


def named(parameters: Iterable[click.Parameter]) -> dict[str, click.Option]:
    """Flags by every name they have, without dashes."""
    options = [parameter for parameter in parameters if isinstance(parameter, click.Option)]
    return {name.lstrip("-"): option for option in options for name in option.opts}


def canonical(option: click.Option) -> str:
    """The one spelling that help shows."""
    return max(option.opts, key=len)


def split_flag(word: str) -> tuple[str, str, str | None]:
    """The dashes, the name and the value (None: no `=`) of a word that begins with a dash."""
    dashes = "--" if word.startswith("--") else "-"
    name, equals, value = word.removeprefix(dashes).partition("=")
    return dashes, name, value if equals else None


@dataclass(slots=True)
class Typed:
    """What the user typed, sorted: flags in click's spelling, other words, each flag as given, and what was wrong."""

    flags: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    given: dict[str, tuple[str, str]] = field(default_factory=dict)
    problems: Diagnostics = field(default_factory=Diagnostics)


@dataclass(frozen=True, slots=True)
class FlagReader:
    """Sorts the words after a command's name. `commands` are flags that stand for a command, as -version does."""

    command: str
    options: Mapping[str, click.Option]
    interspersed: bool = True
    commands: Mapping[str, str] = field(default_factory=dict)

    def read(self, arguments: Sequence[str]) -> Typed:
        """All of them sorted; problems are collected, not raised."""
        typed, waiting = Typed(), list(arguments)
        while waiting:
            word = waiting.pop(0)
            if word == "--":
                break
            if not word.startswith("-") or word == "-":
                typed.words.append(word)
                if not self.interspersed:
                    break
            elif (command := self.commands.get(split_flag(word)[1])) is not None:
                typed.words.append(command)
                break
            else:
                self._read_flag(word, waiting, typed)
        typed.words.extend(waiting)
        return typed

    def _read_flag(self, word: str, waiting: list[str], typed: Typed) -> None:
        dashes, name, value = split_flag(word)
        option = self.options.get(name)
        if option is None:
            typed.problems.add(self._unknown(dashes, name))
            return
        if value is None and is_switch(option):
            value = "true"
        elif value is None and isinstance(option, _Standalone):
            value = option.alone
        elif value is None:
            if not waiting or self._is_flag(waiting[0]):
                typed.problems.add(self._valueless(dashes + name, option, waiting))
                return
            value = waiting.pop(0)
        if is_switch(option) and value not in _SWITCH:
            typed.problems.add(self._neither(dashes + name, value))
            return
        typed.flags.append(f"{canonical(option)}={value}")
        typed.given[option.name or ""] = (dashes + name, value)

    def _is_flag(self, word: str) -> bool:
        return word == "--" or (word.startswith("-") and split_flag(word)[1] in self.options)

    def _unknown(self, dashes: str, name: str) -> Diagnostic:
        found = nearest(name, self.options)
        hint = f"did you mean `{dashes}{found}`?" if found else f"`{self.command} -help` lists its flags"
        hint = _TERRAFORM.get(name, hint)
        return Diagnostic.error("Unknown flag", f"`{self.command}` has no flag `{dashes}{name}`.", hint=hint)

    def _neither(self, spelled: str, value: str) -> Diagnostic:
        detail = f"The flag `{spelled}` of `{self.command}` is either on or off; `{value}` is neither."
        return Diagnostic.error("Invalid value", detail, hint=f"write `{spelled}` or `{spelled}=false`")

    def _valueless(self, spelled: str, option: click.Option, waiting: Sequence[str]) -> Diagnostic:
        detail = f"The flag `{spelled}` of `{self.command}` needs a value: `{spelled}={option.metavar}`."
        hint = f"if the value is really `{waiting[0]}`, write `{spelled}={waiting[0]}`" if waiting else ""
        return Diagnostic.error("Flag without a value", detail, hint=hint)
