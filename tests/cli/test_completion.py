"""Completion, asked as shells ask: the program's answers, then each script in its own shell."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import REPOSITORY, Envform, program_environment
from tests.services.wants import require


def answers(envform: Envform, *words: str) -> list[tuple[str, str]]:
    lines = envform("__complete", "--", *words).stdout.splitlines()
    return [(kind, text) for kind, text, _ in (line.split("\t") for line in lines)]


def test_commands_are_offered_and_the_hidden_one_is_not(envform: Envform) -> None:
    offered = [text for _, text in answers(envform, "")]
    assert {"plan", "apply", "drift", "version", "completion"} <= set(offered)
    assert "__complete" not in offered
    assert answers(envform, "vers") == [("word", "version")]


def test_flags_are_offered_with_the_dashes_that_were_typed(envform: Envform) -> None:
    assert ("word", "-json") in answers(envform, "version", "-")
    assert ("word", "--json") in answers(envform, "version", "--")
    assert answers(envform, "version", "--j") == [("word", "--json")]
    assert ("word", "-version") in answers(envform, "-")


def test_a_flag_with_a_value_is_left_open(envform: Envform) -> None:
    assert answers(envform, "-ch") == [("open", "-chdir=")]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["-chdir=ex"], ("folder", "-chdir=")),
        (["-chdir", "ex"], ("folder", "")),
        (["--chdir", "examples", "version", "-js"], ("word", "-json")),
        (["-chdir=examples", "version", "-json=f"], ("word", "-json=false")),
        (["completion", "z"], ("word", "zsh")),
        (["completion", "--", "z"], ("word", "zsh")),
    ],
)
def test_values_and_arguments_are_offered_where_they_stand(
    envform: Envform, words: list[str], answer: tuple[str, str]
) -> None:
    assert answers(envform, *words) == [answer]


@pytest.mark.parametrize("words", [["nonsense", ""], ["completion", "zsh", ""], ["version", "-nope="], ["version", ""]])
def test_where_nothing_fits_nothing_is_offered(envform: Envform, words: list[str]) -> None:
    assert answers(envform, *words) == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project folder beside which the program is found as `envform`."""
    program = tmp_path / "bin" / "envform"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m reconciler "$@"\n')
    program.chmod(0o755)
    project = tmp_path / "project"
    (project / "sub folder").mkdir(parents=True)
    (project / "sub file").touch()
    return project


def in_shell(folder: Path, shell: str, *arguments: str) -> list[str]:
    path = f"{folder.parent / 'bin'}:{program_environment()['PATH']}"
    done = subprocess.run(
        [require(shell), *arguments],
        cwd=folder,
        env=program_environment({"PATH": path, "PYTHONPATH": str(REPOSITORY), "HOME": str(folder)}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout.splitlines()


# What bash itself does on TAB: it splits the line at blanks, = and :, and hands over the last piece as $2.
_BASH = """
source <(envform completion bash)
compopt() { echo "$@"; }
COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=("${@:2}") COMP_CWORD=$(($# - 2))
last=${@: -1}; [[ $last == [=:] ]] && last=
_envform envform "$last" ""
((${#COMPREPLY[@]} == 0)) || printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        (["vers"], ["version"]),
        (["version", "--j"], ["--json"]),
        (["version", "-json", "=", "f"], ["false"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["-ch"], ["-o nospace", "-chdir="]),
        (["-chdir", "="], ["-o filenames", "sub folder"]),
        (["-chdir", "=", "su"], ["-o filenames", "sub folder"]),
        (["-chdir", " su"], ["-o filenames", "sub folder"]),
        (["-chdir", "=", "nothing"], ["-o filenames"]),
    ],
)
def test_bash_completes(folder: Path, pieces: list[str], shown: list[str]) -> None:
    line = "envform"
    for before, piece in zip(["", *pieces], pieces, strict=False):
        glued = piece == "=" or before == "="
        line += piece if glued else " " + piece.lstrip()
    words = [piece.lstrip() for piece in pieces]
    assert in_shell(folder, "bash", "-c", _BASH, "bash", line, "envform", *words) == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("envform vers", ["version"]),
        ("envform version --j", ["--json"]),
        ("envform completion ", ["bash", "fish", "zsh"]),
        ("envform -chdir=su", ["-chdir=sub folder/"]),
        ("envform -chdir su", ["sub folder/"]),
    ],
)
def test_fish_completes(folder: Path, line: str, shown: list[str]) -> None:
    offered = in_shell(folder, "fish", "-c", f"envform completion fish | source; complete -C '{line}'")
    assert sorted(each.partition("\t")[0] for each in offered) == shown


# The completion system of zsh runs only inside its line editor; its three words that the script uses stand in here.
_ZSH = """
compdef() { : }
_files() { print -r -- files "$@" }
compset() { PREFIX=${PREFIX#*=} }
_describe() { print -rl -- "${(@P)2}" }
source <(envform completion zsh)
words=("$@") CURRENT=$# PREFIX=$@[-1]
_envform
"""


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["vers"], ["version:Show which envform this is"]),
        (["version", "--j"], ["--json:Print one JSON object."]),
        (["-chdir=su"], ["files -/"]),
        (["-chdir", "su"], ["files -/"]),
    ],
)
def test_zsh_completes(folder: Path, words: list[str], shown: list[str]) -> None:
    assert in_shell(folder, "zsh", "-f", "-c", _ZSH, "zsh", "envform", *words) == shown
