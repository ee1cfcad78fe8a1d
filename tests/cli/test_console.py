"""`envform console`: expressions in, values out."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

from reconciler.cli import answer
from reconciler.cli.invocation import Invocation, Stream
from reconciler.language.written import to_hcl
from tests.cli.terminal import Envform, program, program_environment
from tests.language.evaluated import value_of
from tests.services.wants import Tell

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
          on <console-input> line 2:
            2: (2
               ^

        The parenthesis that begins here with `(` is never closed. Write `)` where it
        ends.

        Error: Unsupported attribute
          on <console-input> line 3:
            3: {a = 1}.b
               ^^^^^^^^^

        This object has no attribute named `b`.
    """)


def test_all_mistakes_of_a_line_are_told(envform: Envform) -> None:
    found = envform("console", typed="# one\n\n[nothing, upper(), [][1]]\n")
    assert found.stderr.count("on <console-input> line 3:") == 3
    assert [line for line in found.stderr.split("\n") if line.startswith("Error: ")] == [
        "Error: Invalid reference",
        "Error: Not enough function arguments",
        "Error: Invalid index",
    ]


TYPES = [
    ("type(1)", "number"),
    (" ( type( [1, [true]] ) ) ", "tuple([number, tuple([bool])])"),
    ('type({a = "x", b = {}})', "object({a: string, b: object({})})"),
    ("type(tomap({a = tolist([])}))", "map(list(dynamic))"),
    ("type(sensitive(tostring(null)))", "string"),
    ("type(null)", "dynamic"),
]


@pytest.mark.parametrize(("typed", "shown"), TYPES)
def test_a_type_is_shown_where_it_is_asked_for(envform: Envform, typed: str, shown: str) -> None:
    assert envform("console", typed=f"{typed}\n").stdout == f"{shown}\n"
    assert json.loads(envform("console", "-json", typed=f"{typed}\n").stdout) == shown


@pytest.mark.parametrize(
    ("typed", "summary"),
    [
        ("upper(type(1))", "Invalid use of type function"),
        ("type(type(1))", "Invalid use of type function"),
        ("type()", "Not enough function arguments"),
        ("type(1, 2)", "Too many function arguments"),
    ],
)
def test_asking_for_a_type_gives_no_value(envform: Envform, typed: str, summary: str) -> None:
    found = envform("console", typed=f"{typed}\n")
    assert (found.exit_code, found.stdout) == (1, "")
    assert found.stderr.startswith(f"Error: {summary}\n  on <console-input> line 1:\n")


def test_what_the_configuration_says_of_an_environment_is_known_before_it_is_built(
    envform: Envform, tmp_path: Path
) -> None:
    (tmp_path / "main.hcl").write_text(
        dedent("""\
        envform {
          registry = "oci:./registry"
        }
        variable "owner" {
          default   = "s3cr3t"
          sensitive = true
        }
        environment "a" {
          image = "python:3.12"
          pip   = ["numpy"]
          tags  = { owner = var.owner, team = "x" }
        }
        environment "b" {
          for_each    = toset(["x", "y"])
          image       = "python:3.12"
          version     = "7"
          description = "${environment.a.name} ${each.key} ${environment.a.hash}"
        }
        """)
    )
    typed = """\
        environment.a.pip
        environment.a.tags
        environment.a.image
        [for b in environment.b : b.version]
        environment.b["x"].name
        environment.b["y"].description
        type(environment.a.digest)
    """
    found = envform("console", typed=dedent(typed))
    assert found.stderr == ""
    assert found.stdout == dedent("""\
        ["numpy"]
        { "owner" = (sensitive value), "team" = "x" }
        (known after apply)
        ["7", "7"]
        "b-x"
        (known after apply)
        string
    """)


def test_references_to_what_an_empty_folder_does_not_declare_are_told_as_such(envform: Envform) -> None:
    found = envform("console", typed="var.x\n")
    assert found.stderr.startswith("Error: Reference to undeclared input variable\n")


def test_what_is_misspelt_is_suggested_as_in_configuration(envform: Envform, tmp_path: Path) -> None:
    (tmp_path / "main.hcl").write_text('envform {\n  registry = "oci:./r"\n}\nlocals {\n  region = "eu"\n}\n')
    found = envform("console", typed="regin\ntry(local.regoin, 1)\nterraform.workspace\n")
    hints = [line for line in found.stderr.split("\n") if line.startswith("hint: ")]
    meant = ("local.region", "local.region", "envform.workspace")
    assert hints == [f"hint: did you mean `{name}`?" for name in meant]


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
    code = answer(["console"], Invocation(folder, screen, Stream(err), input=Typing(text)))
    assert set(err.getvalue()) <= set("> ")
    return code, out.getvalue()


def test_on_a_terminal_an_expression_may_go_on_while_a_bracket_is_open(tmp_path: Path) -> None:
    code, shown = typed_by_a_person(tmp_path, "[\n  1,\n  {a = 2}\n]\n<<EOT\nx\nEOT\n3\n")
    assert code == 0
    assert shown == '[\n  1,\n  {\n    "a" = 2\n  },\n]\n<<EOT\nx\n\nEOT\n3\n'


def test_on_a_terminal_types_look_as_terraform_shows_them(tmp_path: Path) -> None:
    _, shown = typed_by_a_person(tmp_path, 'type({a = [1, {}], b = tolist([{c = ""}])})\n')
    assert shown == dedent("""\
        object({
            a: tuple([
                number,
                object({}),
            ]),
            b: list(
                object({
                    c: string,
                }),
            ),
        })
    """)


@pytest.mark.parametrize("case", SHOWN, ids=[case["expression"][:40] for case in SHOWN])
def test_on_a_terminal_values_look_as_terraform_shows_them(case: dict[str, str]) -> None:
    assert to_hcl(value_of(case["expression"]), 0) == case.get("ours", case["shown"])


@pytest.mark.parametrize("case", SHOWN, ids=[case["expression"][:40] for case in SHOWN])
def test_what_is_shown_on_one_line_is_on_one_line_and_can_be_typed_again(case: dict[str, str]) -> None:
    text = to_hcl(value_of(case["expression"]))
    assert "\n" not in text
    if "sensitive value" not in text and "/*" not in text:
        assert to_hcl(value_of(text)) == text


def test_the_terraform_program_still_shows_what_is_written_down(tmp_path: Path, tell: Tell) -> None:
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
    tell(f"{same} of {len(SHOWN)} values look as in terraform's console")
