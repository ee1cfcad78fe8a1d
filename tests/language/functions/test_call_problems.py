"""What is said about calls that are wrong, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.language.functions.impure import impure_names
from reconciler.language.span import SpanError
from tests.language.evaluated import value_of
from tests.language.functions.world import furnish, value_in

BEFORE = len("value = ")


def problem(text: str, folder: Path | None = None) -> SpanError:
    with pytest.raises(SpanError) as caught:
        value_in(folder, text) if folder else value_of(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "summary", "at", "said"),
    [
        ('uper("a")', "Call to unknown function", "uper", "did you mean `upper`?"),
        ('core::uper("a")', "Call to unknown function", "core::uper", "did you mean `upper`?"),
        ('foo::upper("a")', "Call to unknown function", "foo::upper", "namespace `foo`"),
        ('json_encode("a")', "Call to unknown function", "json_encode", "did you mean `jsonencode`?"),
        ("upper()", "Not enough function arguments", "upper()", "`upper(str)` takes 1 argument. `str` is missing."),
        ('upper("a", "b")', "Too many function arguments", '"b"', "`upper(str)` takes 1 argument."),
        ('substr("a", 1)', "Not enough function arguments", 'substr("a", 1)', "`length` is missing"),
        ("upper([])", "Invalid function argument", "[]", "this is a tuple, and a string is wanted here"),
        ("upper(null)", "Invalid function argument", "null", "must not be null"),
        ('join(",", ["a", null])', "Invalid function argument", '["a", null]', "Element 1 is null"),
        ('join(",", ["a"], "b")', "Invalid function argument", '"b"', "list(string) is wanted"),
        ('regex("a", "b")', "Error in function call", 'regex("a", "b")', "matches nothing"),
        ('regex("(", "b")', "Invalid function argument", '"("', "missing )"),
        ('regex("(?=a)", "b")', "Invalid function argument", '"(?=a)"', "neither look-around nor"),
        ('lookup({image = 1}, "imgae")', "Invalid function argument", '"imgae"', "did you mean `image`?"),
        ('tobool("True")', "Invalid function argument", '"True"', "did you mean `true`?"),
        ('formatdate("YYY", "2018-01-02T03:04:05Z")', "Invalid function argument", '"YYY"', "`YYYY`"),
        ('timeadd("2018-01-02T03:04:05Z", "1d")', "Invalid function argument", '"1d"', "a day is `24h`"),
        ('cidrsubnet("10.0.0.0/31", 3, 0)', "Invalid function argument", "3", "leaves 1 bit, and `newbits` asks for 3"),
        (
            'csvdecode("a,b\\nc")',
            "Error in function call",
            'csvdecode("a,b\\nc")',
            "Row 2 has 1 field, and the first has 2",
        ),
        ('format("%s")', "Error in function call", 'format("%s")', "takes argument 1, and there are 0"),
        ('format("%s", "a", "b")', "Invalid function argument", '"b"', "takes 1 argument, and there are 2"),
        ('format("%y", 1)', "Error in function call", 'format("%y", 1)', "known verb"),
        ('jsondecode("{\\"a\\": tru}")', "Error in function call", 'jsondecode("{\\"a\\": tru}")', "column 7"),
        ('yamldecode("a: [")', "Error in function call", 'yamldecode("a: [")', "At line 1"),
        ('cidrsubnet("10.0.0.0/8", 2, 4)', "Invalid function argument", "4", "too large a number"),
        ('textencodebase64("a", "utf8")', "Invalid function argument", '"utf8"', "did you mean `UTF-8`?"),
        ("max([1]..., 2)", "Invalid expression", ",", ""),
        ("max({a = 1}...)", "Invalid expanding argument value", "{a = 1}", "this is an object"),
        ("max([1, true]...)", "Invalid function argument", "[1, true]", "this is a bool"),
        ("range(0, 5000)", "Error in function call", "range(0, 5000)", "1,024"),
        ("try([].a, {}.b)", "Error in function call", "try([].a, {}.b)", "None of the expressions has a value"),
        ("try(nope.a, 1)", "Invalid reference", "nope", "neither declared"),
        ('templatestring("Hi ${1}", {})', "Invalid function argument", '"Hi ${1}"', "reference"),
        ('file("a.txt")', "No files here", '"a.txt"', "belongs to no project"),
    ],
)
def test_a_wrong_call_is_told_at_the_argument_that_is_wrong(text: str, summary: str, at: str, said: str) -> None:
    found = problem(text)
    assert (found.summary, text[found.start - BEFORE : found.end - BEFORE]) == (summary, at)
    assert said in f"{found.detail} {found.hint}"


@pytest.mark.parametrize("name", sorted(impure_names()))
def test_an_impure_function_is_refused_with_the_reason_and_a_way_out(name: str) -> None:
    found = problem(f'{name}("x")')
    assert found.summary == "Impure function"
    assert f"envform has no `{name}`: it " in found.detail
    assert found.hint


def test_the_values_of_names_in_the_wrong_argument_are_told() -> None:
    with pytest.raises(SpanError) as caught:
        value_of('join(",", item.names)', item={"names": "a"})
    assert dict(caught.value.values) == {"item.names": 'is "a"'}


@pytest.mark.parametrize(
    "text",
    ['regex("z+", sensitive("pass-w0rd"))', 'tonumber(sensitive("pass-w0rd"))', 'timeadd(sensitive("pass-w0rd"), "1h")',
     'abs(sensitive("pass-w0rd"))', 'jsondecode(sensitive("pass-w0rd"))', 'merge([sensitive("pass-w0rd")])'],
)  # fmt: skip
def test_what_is_sensitive_is_not_told_when_it_is_wrong(text: str) -> None:
    found = problem(text)
    assert "pass-w0rd" not in f"{found.detail} {found.hint} {found.values}"


@pytest.mark.parametrize(
    ("text", "summary", "said"),
    [
        ('file("../outside")', "File outside of the project", "leads out of the project's folder"),
        ('file("nope")', "No such file", "There is no file `nope`"),
        ('templatefile("files/missing.tmpl", {})', "Error in function call", "line 1, column 3"),
        ('templatefile("files/recursive.tmpl", {})', "Error in function call", "inside of templates"),
        ('fileset("..", "*")', "File outside of the project", "leads out"),
        ('fileset("files", "[")', "Error in function call", "no pattern of file names"),
        ('filesha256("files")', "Unreadable file", "is a folder"),
        ('fileexists("/etc/passwd")', "File outside of the project", "leads out"),
    ],
)
def test_a_wrong_file_is_told(text: str, summary: str, said: str, tmp_path: Path) -> None:
    furnish(tmp_path)
    found = problem(text, tmp_path)
    assert (found.summary, said in found.detail) == (summary, True), found.detail


def test_an_absolute_path_does_not_tell_where_the_checkout_lies(tmp_path: Path) -> None:
    furnish(tmp_path)
    assert value_in(tmp_path, 'abspath("./files/../files/a.txt")') == "files/a.txt"
    assert value_in(tmp_path, 'abspath("/srv//data")') == "/srv/data"


def test_links_to_files_of_the_project_are_in_a_fileset_and_those_that_lead_out_are_not(tmp_path: Path) -> None:
    furnish(tmp_path)
    (tmp_path / "files" / "sub" / "in").symlink_to("b.txt")
    (tmp_path / "files" / "sub" / "out").symlink_to("/etc/passwd")
    (tmp_path / "files" / "sub" / "gone").symlink_to("nowhere")
    assert value_in(tmp_path, '[for name in fileset("files/sub", "*") : name]') == ("b.txt", "in")
