"""The command line before any command does its work: words, flags, help, mistakes."""

from __future__ import annotations

from importlib import import_module
from textwrap import dedent

import click
import pytest

from reconciler.cli.command import Framed
from reconciler.cli.commands import TABLE
from tests.cli.terminal import Envform


@pytest.mark.parametrize("flag", ["-json", "--json", "-json=true", "--json=1"])
def test_a_flag_has_one_dash_or_two(envform: Envform, flag: str) -> None:
    assert '"envform_version"' in envform("version", flag).stdout


def test_a_switch_can_be_turned_off(envform: Envform) -> None:
    assert envform("version", "-json=false") == envform("version")


@pytest.mark.parametrize("words", [["-chdir=sub"], ["-chdir", "sub"], ["--chdir=sub"], ["--chdir", "sub"]])
def test_a_value_stands_after_an_equals_sign_or_a_blank(envform: Envform, words: list[str]) -> None:
    (envform.folder / "sub").mkdir()
    assert envform(*words, "version").exit_code == 0
    assert envform("version", *words).exit_code == 0


def test_without_words_the_help_is_shown_and_nothing_succeeded(envform: Envform) -> None:
    result = envform()
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout == envform("-help").stdout


@pytest.mark.parametrize("flag", ["-h", "-help", "--help", "--h"])
def test_help_is_no_mistake(envform: Envform, flag: str) -> None:
    result = envform("version", flag)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("Usage: envform version [flags]\n")


def test_help_is_given_even_among_mistakes(envform: Envform) -> None:
    assert envform("version", "-jsn", "-help") == envform("version", "-help")


@pytest.mark.parametrize("name", TABLE)
def test_every_command_helps_within_eighty_columns(envform: Envform, name: str) -> None:
    help_text = envform(name, "-help").stdout
    assert all(len(line) <= 80 or line.startswith("    envform") for line in help_text.splitlines())


@pytest.mark.parametrize("name", [name for name, entry in TABLE.items() if not entry.hidden])
def test_every_command_says_what_it_does_and_shows_how_it_is_used(name: str) -> None:
    command = import_module(TABLE[name].module).command
    assert isinstance(command, Framed)
    assert command.name == name
    assert command.help
    assert command.examples
    assert all(f"envform {name}" in line for _, line in command.examples)


@pytest.mark.parametrize("name", TABLE)
def test_every_flag_is_named_with_one_dash_and_explained(name: str) -> None:
    command: click.Command = import_module(TABLE[name].module).command
    for option in command.params:
        if isinstance(option, click.Option):
            assert not option.opts[0].startswith("--"), option.opts
            assert len(option.opts[0]) > 2, option.opts
            assert option.help, option.opts


def test_an_unknown_command_is_told_with_the_nearest_one(envform: Envform) -> None:
    result = envform("versoin")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == dedent("""\
        Error: Unknown command

        `envform` has no command `versoin`.

        hint: did you mean `version`?
    """)


@pytest.mark.parametrize(("typed", "meant"), [("-jsn", "-json"), ("--jsn=true", "--json"), ("-JSON", "-json")])
def test_an_unknown_flag_is_told_in_the_form_that_was_typed(envform: Envform, typed: str, meant: str) -> None:
    result = envform("version", typed)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"has no flag `{typed.partition('=')[0]}`." in result.stderr
    assert f"hint: did you mean `{meant}`?" in result.stderr


@pytest.mark.parametrize("typed", ["-js", "-j", "-jh", "---json", "-", "--=", "-=x"])
def test_flags_are_neither_abbreviated_nor_bundled(envform: Envform, typed: str) -> None:
    result = envform("version", typed)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(("Error: Unknown flag\n", "Error: Unexpected argument\n"))


def test_all_wrong_flags_are_told_at_once(envform: Envform) -> None:
    assert envform("version", "-one", "-two=2", "-chdir").stderr.count("Error: ") == 3


def test_nothing_after_two_dashes_is_a_flag(envform: Envform) -> None:
    result = envform("version", "--", "-json")
    assert "does not know what to do with `-json`" in result.stderr


def test_a_flag_does_not_swallow_the_next_flag(envform: Envform) -> None:
    result = envform("version", "-chdir", "-json")
    assert result.exit_code == 1
    assert "The flag `-chdir` of `envform version` needs a value: `-chdir=DIR`." in result.stderr
    assert "hint: if the value is really `-json`, write `-chdir=-json`" in result.stderr


def test_a_switch_is_on_or_off(envform: Envform) -> None:
    result = envform("version", "--json=perhaps")
    assert result.exit_code == 1
    assert "`envform version` is either on or off; `perhaps` is" in result.stderr


@pytest.mark.parametrize(
    ("folder", "why"),
    [
        ("nowhere", "does not exist"),
        ("a-file", "is not a folder"),
        ("a-file/b", "cannot be looked at: Not a directory"),
        ("x" * 300, "cannot be looked at: File name too long"),
    ],
)
def test_the_project_folder_must_be_one(envform: Envform, folder: str, why: str) -> None:
    (envform.folder / "a-file").touch()
    result = envform(f"-chdir={folder}", "version")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: Project folder not found\n")
    assert f'The folder "{folder}" that was given with -chdir {why}.' in " ".join(result.stderr.split())


@pytest.mark.parametrize("words", [["-chdir="], ["-chdir", ""]])
def test_an_empty_folder_name_is_not_this_folder(envform: Envform, words: list[str]) -> None:
    result = envform(*words, "version")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "given for the flag `-chdir` of `envform` cannot be used: it is empty." in " ".join(result.stderr.split())


def test_colour_can_be_refused_before_and_after_the_command_and_among_mistakes(envform: Envform) -> None:
    assert "\x1b[" in envform("version", "-jsn", colour=True).stderr
    for words in (["-no-color", "version", "-jsn"], ["version", "-jsn", "--no-color"], ["-no-color", "nothing"]):
        assert "\x1b[" not in envform(*words, colour=True).stderr


@pytest.mark.parametrize("words", [["-version"], ["--version"], ["-v"], ["-chdir=.", "-version"]])
def test_the_version_may_be_asked_for_with_a_flag(envform: Envform, words: list[str]) -> None:
    assert envform(*words) == envform("version")
    assert envform(*words, "-json") == envform("version", "-json")
