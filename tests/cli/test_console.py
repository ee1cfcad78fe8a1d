"""`envform console`: expressions in, values out."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from reconciler.cli import run
from reconciler.cli.invocation import Invocation, Stream
from reconciler.language.written import to_hcl
from tests.cli.terminal import Envform, program, program_environment
from tests.language.evaluated import value_of

SHOWN = [
    json.loads(line) for line in (Path(__file__).parent / "console.jsonl").read_text(encoding="utf-8").splitlines()
]


def test_each_line_gives_its_value_on_one_line(envform: Envform) -> None:
    typed = """\
        1 + 2
        "a\\nb ${1}"
        {a = [1, null], "b c" = {}}
        tolist(["x", 1])
        tostring(null)
        sensitive("secret")
    """
    found = envform("console", typed=dedent(typed))
    assert found.exit_code == 0
    assert found.stderr == ""
    assert found.stdout == dedent("""\
        3
        "a\\nb 1"
        { "a" = [1, null], "b c" = {} }
        tolist(["x", "1"])
        tostring(null)
        (sensitive value)
    """)


def test_a_mistake_is_told_on_the_other_stream_and_the_rest_is_still_evaluated(envform: Envform) -> None:
    found = envform("console", typed="1\n(2\n{a = 1}.b\n3\n")
    assert found.exit_code == 1
    assert found.stdout == "1\n3\n"
    assert found.stderr == dedent("""\
        Error: Unbalanced brackets
          on <console-input> line 1:
            1: (2
               ^

        The parenthesis that begins here with `(` is never closed. Write `)` where it
        ends.
        Error: Unsupported attribute
          on <console-input> line 1:
            1: {a = 1}.b
               ^^^^^^^^^

        This object has no attribute named `b`.
    """)


def test_the_word_exit_ends_it_and_empty_lines_and_comments_are_passed_over(envform: Envform) -> None:
    found = envform("console", typed="\n# a comment\n1 # another\n  // one more\n exit \n2\n")
    assert (found.exit_code, found.stdout, found.stderr) == (0, "1\n", "")


def test_json_is_one_value_a_line_and_shows_no_secret(envform: Envform) -> None:
    typed = '{b = 0.1, a = ["é", true, null]}\ntoset(["b", "a"])\n[sensitive("secret")]\n1e30\n'
    found = envform("console", "-json", typed=typed)
    lines = found.stdout.splitlines()
    assert [json.loads(line) for line in lines] == [
        {"a": ["é", True, None], "b": 0.1},
        ["a", "b"],
        ["(sensitive value)"],
        10**30,
    ]
    assert lines[3] == "1" + "0" * 30


def test_without_input_nothing_is_shown(envform: Envform) -> None:
    found = envform("console")
    assert (found.exit_code, found.stdout, found.stderr) == (0, "", "")


def test_bytes_that_are_no_text_and_hostile_lines_end_in_values_or_diagnostics() -> None:
    lines = ['"\\ud800"', "(" * 5000, '"' + "${" * 3000, "[for x in [1] : x" * 50, "}", "\x00", "a = 1", '"%{ if }"']
    found = program("console", stdin="\n".join(lines) + '\n"\u202e"\n7\n')
    assert found.exit_code == 1
    assert found.stdout == '"\\u202e"\n7\n'
    assert "crashed" not in found.stderr
    assert found.stderr.count("Error: ") == len(lines)


class Typing(io.StringIO):
    """A person at a terminal."""

    def isatty(self) -> bool:
        """A person it is."""
        return True


def typed_by_a_person(folder: Path, text: str) -> tuple[int, str]:
    out, err = io.StringIO(), io.StringIO()
    screen = Stream(out, terminal=True)
    code = run(["console"], Invocation(folder, screen, Stream(err), input=Typing(text)))
    assert set(err.getvalue()) <= set("> ")
    return code, out.getvalue()


def test_on_a_terminal_an_expression_may_go_on_while_a_bracket_is_open(tmp_path: Path) -> None:
    code, shown = typed_by_a_person(tmp_path, "[\n  1,\n  {a = 2}\n]\n<<EOT\nx\nEOT\n3\n")
    assert code == 0
    assert shown == '[\n  1,\n  {\n    "a" = 2\n  },\n]\n<<EOT\nx\n\nEOT\n3\n'


@pytest.mark.parametrize("case", SHOWN, ids=[case["expression"][:40] for case in SHOWN])
def test_on_a_terminal_values_look_as_terraform_shows_them(case: dict[str, str]) -> None:
    assert to_hcl(value_of(case["expression"]), 0) == case.get("ours", case["shown"])


@pytest.mark.parametrize("case", SHOWN, ids=[case["expression"][:40] for case in SHOWN])
def test_what_is_shown_on_one_line_is_on_one_line_and_can_be_typed_again(case: dict[str, str]) -> None:
    text = to_hcl(value_of(case["expression"]))
    assert "\n" not in text
    if "sensitive value" not in text and "/*" not in text:
        assert to_hcl(value_of(text)) == text


def test_the_terraform_program_still_shows_what_is_written_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if shutil.which("terraform") is None:
        pytest.skip("wants terraform: not installed")
    environment = program_environment({"CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": "/dev/null"})
    some = SHOWN[::8]
    for case in some:
        run = subprocess.run(
            ["terraform", "console", "-no-color"],
            input=case["expression"] + "\n",
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout == case["shown"] + "\n"
    same = sum("ours" not in case for case in SHOWN)
    with capsys.disabled():
        sys.stdout.write(f" {same} of {len(SHOWN)} values look as in terraform's console ")
