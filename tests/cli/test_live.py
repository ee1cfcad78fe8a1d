"""Work that goes on, as a person at a terminal sees it."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pytest

from reconciler.cli.invocation import Invocation, Stream
from reconciler.cli.live import LiveLines, live
from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.digest import Digest
from reconciler.model.event import ChangeContinues, ChangeFinished, ChangeProgressed, ChangeStarted, Told
from reconciler.model.plan import Action
from tests.cli.project import Project

A, B = Address("environment.a"), Address("environment.b")
IMAGE = Digest.of(b"image")


class Screen(io.StringIO):
    """What a terminal shows of what was written: it knows how to go up and to clear what follows."""

    @property
    def lines(self) -> list[str]:
        shown: list[str] = [""]
        for part in re.split(r"(\x1b\[\d+A|\r\x1b\[J|\n)", self.getvalue()):
            if up := re.fullmatch(r"\x1b\[(\d+)A", part):
                shown[len(shown) - 1 - int(up[1]) :] = [""]
            elif part == "\n":
                shown.append("")
            elif part != "\r\x1b[J":
                shown[-1] += part
        return shown[:-1]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def lines_on(screen: Screen, clock: Clock, width: int = 100) -> LiveLines:
    return LiveLines(screen, width, clock)


def test_each_running_change_has_a_line_with_its_step_its_bytes_and_its_time() -> None:
    screen, clock = Screen(), Clock()
    lines = lines_on(screen, clock)
    for address in (A, B):
        assert not lines.takes(ChangeStarted(address, Action.CREATE))
    assert lines.takes(ChangeProgressed(A, "Downloading packages, MiB:", 5, 20))
    clock.now = 14.0
    lines.write("environment.c: Creation complete\n")
    assert screen.lines == [
        "environment.c: Creation complete",
        "environment.a: [14s elapsed] Downloading packages, MiB: [#####---------------] 5/20",
        "environment.b: [14s elapsed] Creating...",
    ]
    assert lines.takes(ChangeContinues(B, Action.CREATE, 15.0))
    assert not lines.takes(ChangeFinished(A, Action.CREATE, "1", IMAGE, 15.0))
    lines.write("environment.a: Creation complete\n")
    assert screen.lines[-2:] == ["environment.a: Creation complete", "environment.b: [14s elapsed] Creating..."]
    lines.clear()
    assert screen.lines == ["environment.c: Creation complete", "environment.a: Creation complete"]


def test_what_is_done_at_once_leaves_no_trace() -> None:
    screen, clock = Screen(), Clock()
    lines = lines_on(screen, clock)
    lines.takes(ChangeStarted(A, Action.CREATE))
    lines.write("environment.a: Creating...\n")
    lines.takes(ChangeFinished(A, Action.CREATE, "1", IMAGE, 0.1))
    lines.write("environment.a: Creation complete\n")
    assert screen.getvalue() == "environment.a: Creating...\nenvironment.a: Creation complete\n"


def test_a_line_never_wraps_and_never_obeys_what_a_builder_says() -> None:
    screen, clock = Screen(), Clock()
    lines = lines_on(screen, clock, width=40)
    lines.takes(ChangeStarted(A, Action.CREATE))
    lines.takes(ChangeProgressed(A, "\x1b[2J" + "日本" * 30))
    clock.now = 2.0
    lines.write("above\n")
    assert screen.lines == ["above", "environment.a: [2s elapsed] \\x1b[2J日本"]
    assert "\x1b[2J" not in screen.getvalue()


def test_of_very_many_only_some_are_drawn() -> None:
    screen, clock = Screen(), Clock()
    lines = lines_on(screen, clock)
    for number in range(30):
        lines.takes(ChangeStarted(Address(f"environment.a[{number}]"), Action.CREATE))
    clock.now = 1.0
    lines.write("above\n")
    assert len(screen.lines) == 14
    assert screen.lines[-1] == "... and 18 more"


@pytest.mark.parametrize(("terminal", "term"), [(False, "xterm"), (True, "dumb")])
def test_elsewhere_every_event_is_a_plain_line(tmp_path: Path, terminal: bool, term: str) -> None:
    stream = Stream(io.StringIO(), terminal=terminal)
    invocation = Invocation(tmp_path, stream, stream, io.StringIO())
    with live(invocation, {"TERM": term}) as (shown, takes):
        assert shown is invocation
        assert not takes(ChangeStarted(A, Action.CREATE))
        assert not takes(Told(Diagnostic.warning("Summary", "Detail.")))


def test_an_apply_on_a_terminal_ends_with_nothing_but_its_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "TERM", "xterm")
    project = Project.at(tmp_path)
    project.declare('environment "one" {\n  image = BASE\n}\n')
    from reconciler.cli import answer

    out, err = io.StringIO(), Screen()
    invocation = Invocation(tmp_path, Stream(out), Stream(err, terminal=True), input=io.StringIO())
    assert answer(("apply", "-auto-approve"), invocation) == 0
    assert err.lines[0] == "environment.one: Creating..."
    assert err.lines[-1].startswith("environment.one: Creation complete after 0s [version=1")
