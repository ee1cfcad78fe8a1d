"""The program in a process of its own: pipes, terminals, signals, odd surroundings. It never ends in a traceback."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.terminal import REPOSITORY, Envform, program, program_environment

COMMAND = [sys.executable, "-m", "reconciler"]


def on_a_terminal(*words: str, columns: int = 80, env: Mapping[str, str] | None = None) -> str:
    """What stands on the screen of a terminal that both streams go to."""
    ours, theirs = pty.openpty()
    os.set_inheritable(theirs, True)
    import fcntl
    import struct
    import termios

    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        [*COMMAND, *words], stdin=theirs, stdout=theirs, stderr=theirs, cwd=REPOSITORY, env=program_environment(env)
    ):
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # how Linux says that the other side has gone
            while piece := os.read(ours, 65536):
                shown += piece
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def test_mistakes_on_a_terminal_stand_in_a_coloured_box() -> None:
    assert on_a_terminal("versoin").startswith("\x1b[31m╷\x1b[0m\n\x1b[31m│\x1b[0m \x1b[1m\x1b[31mError:\x1b[0m")


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_who_wants_no_colour_gets_none(env: Mapping[str, str]) -> None:
    shown = on_a_terminal("versoin", env=env)
    assert shown.startswith("╷\n│ Error: Unknown command\n")
    assert "\x1b" not in shown


def test_an_empty_no_color_means_nothing() -> None:
    assert "\x1b[31m" in on_a_terminal("versoin", env={"NO_COLOR": ""})


def test_a_terminal_that_cannot_draw_gets_no_box() -> None:
    shown = on_a_terminal("versoin", env={"PYTHONIOENCODING": "ascii"})
    assert shown.startswith("\x1b[1m\x1b[31mError:\x1b[0m \x1b[1mUnknown command\x1b[0m\n")


@pytest.mark.parametrize("columns", [50, 80, 120])
def test_help_is_as_wide_as_the_terminal(columns: int) -> None:
    lines = on_a_terminal("-help", "-no-color", columns=columns).splitlines()
    prose = [line for line in lines if not line.startswith(("    envform", "Usage"))]
    assert columns - 20 < max(map(len, prose)) <= columns


def test_text_that_cannot_be_encoded_is_shown_as_escapes() -> None:
    result = program("日本é", env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert result.exit_code == 1
    assert r"`\u65e5\u672c\xe9`" in result.stderr


def test_words_that_are_no_text_are_shown_as_escapes() -> None:
    words: list[str | bytes] = [*COMMAND, b"plan\xff"]
    done = subprocess.run(words, cwd=REPOSITORY, env=program_environment(), capture_output=True, check=False)
    assert done.returncode == 1
    assert rb"`plan\udcff`" in done.stderr


def test_a_reader_that_goes_away_is_no_reason_to_complain() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [*COMMAND, "version"],
        cwd=REPOSITORY,
        env=program_environment(),
        stdout=write_end,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write_end)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_listener_to_mistakes_that_goes_away_does_not_change_the_exit_code() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [*COMMAND, "versoin"], cwd=REPOSITORY, env=program_environment(), stderr=write_end, check=False
    )
    os.close(write_end)
    assert done.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_told() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "version"],
            cwd=REPOSITORY,
            env=program_environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == (
        "Error: Output not written\n\n"
        "What envform prints could not be written to where it was sent: No space left\non device.\n"
    )


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_do_no_harm(closed: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f'"$0" -m reconciler version {closed}', sys.executable],
        cwd=REPOSITORY,
        env=program_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_folder_that_was_removed_does_no_harm(tmp_path: Path) -> None:
    script = f'cd "{tmp_path}" && mkdir gone && cd gone && rmdir ../gone && exec "$0" -m reconciler version'
    done = subprocess.run(
        ["bash", "-c", script, sys.executable], env=program_environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


# A command that waits until it is interrupted, and one with a bug, in the place of `version`.
_WAITING = """
import sys, types, click
from reconciler.cli.command import Command
module = types.ModuleType("reconciler.cli.version")
@click.command("version", cls=Command)
@click.pass_obj
def command(invocation):
    "Wait, or fail."
    invocation.out.line("ready")
    {body}
module.command = command
sys.modules["reconciler.cli.version"] = module
sys.argv = ["envform", "version"]
from reconciler.cli import main
main()
"""


def test_control_c_ends_with_one_line() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _WAITING.format(body="sys.stdin.read()")],
        cwd=REPOSITORY,
        env=program_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline() == "ready\n"
        running.send_signal(signal.SIGINT)
        assert running.stderr.read() == "Interrupted.\n"
    assert running.returncode == 130


def test_a_bug_is_called_a_bug_and_shows_its_traceback() -> None:
    body = r'raise RuntimeError("evil \x1b[2J")'
    done = subprocess.run(
        [sys.executable, "-c", _WAITING.format(body=body)],
        cwd=REPOSITORY,
        env=program_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "ready\n")
    assert done.stderr.startswith("Error: envform crashed\n\nThis is a bug in envform")
    assert done.stderr.endswith("RuntimeError: evil \\x1b[2J\n")


@pytest.mark.parametrize("words", [("run", "a", "--", "true"), ("serve", "a")])
def test_a_bug_while_a_job_is_run_is_told_from_what_the_job_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("reconciler.session.running.run_job", broken)
    monkeypatch.setattr("reconciler.session.inference.serve", broken)
    done = Envform(tmp_path)(*words)
    assert done.stderr.startswith("Error: envform crashed\n")
    assert done.exit_code == 125
