"""What a project's texts declare, and what is said where they are wrong."""

from __future__ import annotations

import pytest

from reconciler.language.configuration import configure
from reconciler.model.address import Address
from reconciler.model.diagnostic import EnvformError, Position
from reconciler.model.environment import Settings
from tests.language.projects import ENVFORM, marked, places, problem, problems


def test_a_project_is_all_its_files_together_and_its_addresses_are_sorted() -> None:
    sources = {
        "b.hcl": 'environment "zebra" { image = "python:3.12" }\nenvironment ant { image = "python:3.12" }\n',
        "a.hcl": 'envform {\n  registry  = "localhost:5000/${"team"}"\n  workspace = "staging"\n}\n',
    }
    configuration = configure(sources)
    assert configuration.settings == Settings(registry="localhost:5000/team", workspace="staging")
    assert configuration.addresses == (Address("environment.ant"), Address("environment.zebra"))
    assert configuration.sources == sources


def test_a_file_with_nine_mistakes_tells_nine_with_the_right_lines() -> None:
    text = """\
        environment "a" {
          imagee  = "python:3.12"
          image   = "python:3.12"
          version = 1.10
        }
        environment "b" {
          image = "python:3.12
        }
        enviroment "c" {}
        environment "d" {
          image = ["python:3.12"]
          tags {
          }
        }
        environment "e" {
          image = upper("python") b
        }
        environment "f" {
          image = (1 + 2
        }
        environment "a" {
          image = "PYTHON"
        }
        environment "g" {
          image = "python:3.12"
        """
    assert places(text) == [
        (2, "Unsupported argument"),
        (4, "Invalid argument value"),
        (7, "Invalid multi-line string"),
        (9, "Unsupported block type"),
        (11, "Invalid argument value"),
        (12, "Unsupported block type"),
        (16, "Missing newline after argument"),
        (19, "Unbalanced brackets"),
        (21, "Duplicate environment"),
        (24, "Unclosed configuration block"),
    ]


@pytest.mark.parametrize(
    ("text", "summary", "at", "hint"),
    [
        ('enviroment "a" {}', "Unsupported block type", "enviroment", "did you mean `environment`?"),
        ('environment "a" {\n imag = 1\n image = "x"\n}', "Unsupported argument", "imag", "did you mean `image`?"),
        ('environment "a" {}', "Missing base image", 'environment "a"', ""),
        ('environment {\n image = "x"\n}', "Missing block label", "environment", ""),
        ('environment "a" "b" {\n image = "x"\n}', "Extraneous block label", '"b"', ""),
        ('environment "a b" {\n image = "x"\n}', "Invalid block label", '"a b"', "set the argument `name`"),
        ('environment "a${1}" {\n image = "x"\n}', "Invalid block label", '"a${1}"', ""),
        ('environment "a" {\n image = "x"\n image = "y"\n}', "Duplicate argument", "image", ""),
        ('environment "a" {\n image {\n }\n}', "Unsupported block type", "image", ""),
        (
            'environment "a" {\n image = "x"\n conder {\n }\n}',
            "Unsupported block type",
            "conder",
            "did you mean `conda`?",
        ),
        ('environment "a" {\n image = "x"\n envform {\n }\n}', "Unsupported block type", "envform", ""),
        ('registry = "oci:./x"', "Unexpected argument", "registry", ""),
        ('environment = "x"', "Unexpected argument", "environment", ""),
        ("environment \"a\" {\n image = 'x'\n}", "Invalid character", "'", ""),
    ],
)
def test_a_mistake_in_structure_is_told_at_its_place(text: str, summary: str, at: str, hint: str) -> None:
    found = problem(text)
    assert (found.summary, marked(found)) == (summary, at)
    assert hint in found.hint


def test_a_misspelled_argument_is_one_mistake_and_not_also_a_missing_one() -> None:
    assert places('environment "a" {\n  imagee = "python"\n}\n') == [(2, "Unsupported argument")]


def test_a_block_or_label_that_is_there_twice_names_the_other_place() -> None:
    again = problem('environment "a" { image = "python" }', 'environment "a" { image = "python" }')
    assert 'environment "a" at 1.hcl:1 already' in again.detail
    assert again.subject is not None
    assert again.subject.filename == "2.hcl"
    settings = problem('envform {\n  registry = "oci:./other"\n}')
    assert settings.summary == "Duplicate envform block"
    assert settings.subject is not None
    with pytest.raises(EnvformError, match="Duplicate envform block"):
        configure({"a.hcl": ENVFORM + ENVFORM})


def test_two_environments_with_one_name_are_told_with_both_places() -> None:
    text = 'environment "a" {\n  name  = "b"\n  image = "python"\n}\nenvironment "b" { image = "python" }\n'
    found = problem(text)
    assert found.summary == "Duplicate environment name"
    assert "`environment.a` already, at 1.hcl:2" in found.detail
    assert found.subject is not None
    assert found.subject.start.line == 5


def test_a_project_without_an_envform_block_is_told_what_to_write() -> None:
    with pytest.raises(EnvformError) as caught:
        configure({"main.hcl": 'environment "a" { image = "python" }'})
    (found,) = caught.value.diagnostics
    assert found.summary == "Missing envform block"
    assert '    envform {\n      registry = "oci:./registry"\n    }' in found.detail


def test_an_envform_block_that_is_only_broken_is_not_called_missing() -> None:
    with pytest.raises(EnvformError) as caught:
        configure({"main.hcl": 'envform {\n  registry = "oci:./r\n}\n'})
    assert [item.summary for item in caught.value.diagnostics] == ["Invalid multi-line string"]


@pytest.mark.parametrize(
    ("arguments", "summary", "at"),
    [
        ("", "Missing required argument", "envform"),
        ('registry = ""', "Invalid registry", '""'),
        ('registry = "nowhere at all"', "Invalid registry", '"nowhere at all"'),
        ("registry = null", "Invalid argument value", "null"),
        ('registry = ["oci:./r"]', "Invalid argument value", '["oci:./r"]'),
        ('registry = "oci:./r"\n  workspace = "../up"', "Invalid workspace name", '"../up"'),
        ('registry = "oci:./r"\n  registri = 1', "Unsupported argument", "registri"),
        ("registry = environment.a.image", "Invalid reference", "environment"),
    ],
)
def test_a_mistake_in_the_settings_is_told_at_its_place(arguments: str, summary: str, at: str) -> None:
    with pytest.raises(EnvformError) as caught:
        configure({"main.hcl": f"envform {{\n  {arguments}\n}}\n"})
    (found,) = caught.value.diagnostics
    assert (found.summary, marked(found)) == (summary, at)


def test_a_diagnostic_shows_its_line_its_block_and_the_values_involved() -> None:
    text = 'environment "größe" {\n  name = "a"\n  image = [for n in [{t = "é"}] : n.t + 1][0]\n}\n'
    found = problem(text)
    assert found.summary == "Invalid operand"
    assert found.address == "environment.größe"
    assert found.snippet is not None
    assert found.snippet.context == 'environment "größe"'
    assert found.snippet.code == '  image = [for n in [{t = "é"}] : n.t + 1][0]'
    assert found.snippet.values == (("n.t", 'is "é"'),)
    assert marked(found) == "n.t + 1"
    assert found.subject is not None
    assert found.subject.start == Position(line=3, column=35, byte=len(text[: text.index("n.t")].encode()))


def test_a_mistake_over_several_lines_shows_all_of_them() -> None:
    found = problem('environment "a" {\n  image = [\n    1,\n  ]\n}\n')
    assert found.snippet is not None
    assert found.snippet.code == "  image = [\n    1,\n  ]"


def test_lines_of_other_systems_and_marks_of_byte_order_do_not_shift_places() -> None:
    found = problem('\ufeffenvironment "a" {\r\n  image = "python"\r\n  nope = 1\r\n}\r\n')
    assert found.subject is not None
    assert (found.subject.start.line, found.subject.start.column) == (3, 3)
    assert found.snippet is not None
    assert found.snippet.code == "  nope = 1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('environment "a" {\n  image = "x"\n  a = (1\n}\n', [(3, "Unbalanced brackets")]),
        ('environment "a" {\n  image = [1\n}\n', [(2, "Unbalanced brackets")]),
        ('environment "a" {\n  image = [1\n}\n}\n', [(2, "Unbalanced brackets"), (4, "Unbalanced brackets")]),
        ("}\n", [(1, "Unbalanced brackets")]),
        ("/* never closed\nenvironment {}\n", [(1, "Unterminated comment")]),
        ('environment "a" {\n  image = <<EOT\nx\n}\n', [(2, "Unterminated heredoc")]),
        ('environment "a" {\n  image = "${1"\n}\n', [(2, "Extra characters after expression")]),
        ("environment\n{\n}\n", [(1, "Incomplete definition"), (2, "Argument or block definition required")]),
        ('environment "a" {\n  image\n}\n', [(2, "Incomplete definition")]),
        ('environment "a" {\n  image =\n}\n', [(2, "Invalid expression")]),
        ('environment "a" {\n  "image" = 1\n}\n', [(2, "Invalid argument name")]),
        ('environment "a" {\n  image : 1\n}\n', [(2, "Argument or block definition required")]),
        ('environment "a" {\n  image = "x", name = "y"\n}\n', [(2, "Unexpected comma after argument")]),
        ('environment "a" {\n  image = "x" name = "y"\n}\n', [(2, "Missing newline after argument")]),
        ('environment "a" {\n  image = "x" }\n', [(2, "Missing newline after argument")]),
        ('environment "a" { image = "x"\n}\n', [(1, "Invalid single-line block")]),
        ('environment "a" { tags {} }\n', [(1, "Invalid single-line block")]),
        (
            'environment "a" { image = "x" } environment "b" { image = "x" }\n',
            [(1, "Missing newline after block definition")],
        ),
        ('environment "a" {\n  image = "x"\n    + "y"\n}\n', [(3, "Argument or block definition required")]),
        ('environment "a" {\n  image = "x" +\n    "y"\n}\n', [(2, "Invalid expression")]),
        ('environment "a" {\n  image = "$\\{x}"\n}\n', [(2, "Invalid escape sequence")]),
        ('environment "a" {\n  image = “x”\n}\n', [(2, "Invalid character")]),
        ('environment "a" {\n  image = "x";\n}\n', [(2, "Invalid character")]),
        ('environment "a" {\n  image = * 2\n}\n', [(2, "Invalid expression")]),
        ('environment "a" {\n  image = f(1,,2)\n}\n', [(2, "Invalid expression")]),
    ],
)
def test_broken_syntax_is_told_without_words_of_the_parser(text: str, expected: list[tuple[int, str]]) -> None:
    assert places(text) == expected
    for found in problems(text):
        told = f"{found.detail} {found.hint}"
        assert found.detail
        assert "Expected one of" not in told
        assert not any(word in told for word in ("DBLQUOTE", "RBRACE", "NL_OR_COMMENT", "Token", "None"))


def test_one_broken_block_leaves_the_others_alone() -> None:
    text = """\
        environment "a" {
          image = {
        }
        environment "b" {
          image = "python"
          nam = "x"
        }
        """
    assert places(text) == [(1, "Unclosed configuration block"), (6, "Unsupported argument")]


def test_very_many_problems_end_with_a_word_that_there_are_more() -> None:
    found = problems("nonsense {}\n" * 300)
    assert len(found) == 101
    assert found[-1].summary == "Too many problems"
