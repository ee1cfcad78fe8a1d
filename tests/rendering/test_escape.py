"""What users wrote commands neither a terminal nor the build service that keeps the log."""

from __future__ import annotations

import json

import pytest

from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostic, Position, Snippet, SourceRange
from reconciler.model.event import ChangeProgressed, Told
from reconciler.rendering.diagnostics import diagnostic_text
from reconciler.rendering.escape import safe, safe_json, safe_line
from reconciler.rendering.json_lines import json_lines
from reconciler.rendering.progress import progress_line
from reconciler.rendering.style import PLAIN

COMMANDS = ("::error file=x::y", "  ::add-mask::x", "##[group]x", "x ##vso[task.setvariable]y", "##teamcity[x]")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_line_is_no_command_of_a_build_service(command: str) -> None:
    shown = safe_line(command)
    assert not shown.lstrip().startswith("::")
    assert "##" not in shown
    assert shown.replace("\\u003a", ":").replace("\\u0023", "#") == command


@pytest.mark.parametrize("text", ["a::b", "## heading", "#[derive]", "x: y", "日本 é", "tab\tless"[:3]])
def test_what_is_no_command_stays(text: str) -> None:
    assert safe(text) == safe_line(text) == text


@pytest.mark.parametrize("command", COMMANDS)
def test_diagnostics_give_no_commands_wherever_the_line_is_broken(command: str) -> None:
    snippet = Snippet(f'x = "{command}"\n', context=command, values=((command, command),))
    place = SourceRange("main.hcl", Position(1, 1, 0), Position(1, 9, 8))
    detail = f"{'word ' * 15}{command}\n{command}"
    text = diagnostic_text(Diagnostic.error("Bad", detail, hint=command, subject=place, snippet=snippet), PLAIN)
    assert not any(line.lstrip().startswith("::") for line in text.split("\n"))
    assert "##" not in text


@pytest.mark.parametrize("command", COMMANDS)
def test_json_says_the_same_without_holding_a_command(command: str) -> None:
    (line,) = json_lines(Told(Diagnostic.error("Bad", command)), "now")
    assert "##" not in line
    assert json.loads(line)["diagnostic"]["detail"] == command
    assert json.loads(safe_json(json.dumps({command: [command]}))) == {command: [command]}


def test_progress_of_a_build_is_one_harmless_line() -> None:
    step = "RUN echo\r\n::error::x \x1b]0;title\x07"
    line = progress_line(ChangeProgressed(Address.of("a"), step), PLAIN)
    assert line == "environment.a: RUN echo\\r\\n::error::x \\x1b]0;title\\x07"
