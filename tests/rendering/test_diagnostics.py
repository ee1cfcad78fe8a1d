"""Diagnostics as they stand on the screen, and as programs read them."""

from __future__ import annotations

from textwrap import dedent

import pytest

from reconciler.model.diagnostic import Diagnostic, Position, Snippet, SourceRange
from reconciler.rendering.diagnostics import diagnostic_json, diagnostic_text, diagnostics_text
from reconciler.rendering.escape import safe
from reconciler.rendering.source_lines import columns
from reconciler.rendering.style import Style

PLAIN = Style.plain()


def within(code: str, marked: str, line: int = 3) -> tuple[SourceRange, Snippet]:
    """Where a piece of one line of source stands."""
    start = code.index(marked)
    ends = [Position(line, at + 1, len(code[:at].encode())) for at in (start, start + len(marked))]
    return SourceRange("main.hcl", *ends), Snippet(code, 'environment "training"')


def caret_line(code: str, marked: str) -> tuple[str, str]:
    subject, snippet = within(code, marked)
    lines = diagnostic_text(Diagnostic.error("Summary", subject=subject, snippet=snippet), PLAIN).splitlines()
    return lines[2], lines[3]


def test_a_mistake_is_shown_where_it_stands_with_the_values_involved_and_a_way_out() -> None:
    subject, snippet = within('  imagee = "oci:./images:base"', "imagee")
    diagnostic = Diagnostic.error(
        "Unsupported argument",
        'An argument named "imagee" is not expected here.',
        hint="did you mean `image`?",
        subject=subject,
        snippet=Snippet(snippet.code, snippet.context, (("var.n", "is 3"), ("local.m", "is a map with 2 elements"))),
    )
    assert diagnostic_text(diagnostic, PLAIN) == dedent("""\
        Error: Unsupported argument
          on main.hcl line 3, in environment "training":
            3:   imagee = "oci:./images:base"
                 ^^^^^^
          var.n is 3
          local.m is a map with 2 elements

        An argument named "imagee" is not expected here.

        hint: did you mean `image`?
    """)


def test_on_a_terminal_it_stands_in_a_box() -> None:
    subject, snippet = within("a = b", "b")
    diagnostic = Diagnostic.warning("Summary", "Detail.", hint="a hint", subject=subject, snippet=snippet)
    assert diagnostic_text(diagnostic, PLAIN, 80, box=True) == dedent("""\
        ╷
        │ Warning: Summary
        │   on main.hcl line 3, in environment "training":
        │     3: a = b
        │            ^
        │
        │ Detail.
        │
        │ hint: a hint
        ╵
    """)


def test_what_befell_many_alike_is_told_once() -> None:
    full = [Diagnostic.error("Disk is full", "There is no room.", address=f"environment.e{n}") for n in range(40)]
    other = Diagnostic.error("Disk is full", "There is no room at all.", address="environment.e9")
    assert diagnostics_text([full[0], other, *full[1:]], PLAIN) == dedent("""\
        Error: Disk is full
          with environment.e0, environment.e1, environment.e2, and 37 more

        There is no room.

        Error: Disk is full
          with environment.e9

        There is no room at all.
        """)
    assert diagnostics_text(full[:3], PLAIN).count("There is no room.") == 3


def test_colour_adds_marks_and_nothing_else() -> None:
    subject, snippet = within("a = b", "b")
    diagnostic = Diagnostic.error("Summary", "Detail.", hint="a hint", subject=subject, snippet=snippet)
    coloured = diagnostic_text(diagnostic, Style.ansi())
    assert "\x1b[1m\x1b[31mError:\x1b[0m \x1b[1mSummary\x1b[0m\n" in coloured
    assert "\x1b[31m^\x1b[0m" in coloured
    for mark in ("0", "1", "31", "36", "90"):
        coloured = coloured.replace(f"\x1b[{mark}m", "")
    assert coloured == diagnostic_text(diagnostic, PLAIN)


def test_several_have_a_blank_line_between_them() -> None:
    text = diagnostics_text([Diagnostic.error("One", "First."), Diagnostic.warning("Two")], PLAIN)
    assert text == "Error: One\n\nFirst.\n\nWarning: Two\n"


@pytest.mark.parametrize(
    ("code", "marked"),
    [
        ("a = wrong", "wrong"),
        ("\t\ta = wrong", "wrong"),
        ("\ta\t= wrong\t", "wrong"),
        ('名前 = "日本" + wrong', "wrong"),
        ("e\u0301 = e\u0301 + wrong", "wrong"),
        ('x = "🙂" + wrong', "wrong"),
        ('x = "\x1b[31m" + wrong', "wrong"),
        ('x = "日本"', '"日本"'),
        ("e\u0301tage = 1", "e\u0301tage"),
    ],
)
def test_carets_stand_under_what_they_mark(code: str, marked: str) -> None:
    source, carets = caret_line(code, marked)
    indent = len(carets) - len(carets.lstrip())
    before, _, _ = source.partition(marked)
    assert columns(before) == indent
    assert carets.strip() == "^" * columns(marked)


def test_where_something_is_missing_one_caret_stands() -> None:
    nowhere = Position(7, 4, 0)
    diagnostic = Diagnostic.error("Summary", subject=SourceRange("f", nowhere, nowhere), snippet=Snippet("a ="))
    assert diagnostic_text(diagnostic, PLAIN).splitlines()[2:] == ["    7: a =", "          ^"]


def test_a_range_over_several_lines_is_marked_to_its_end() -> None:
    subject = SourceRange("f", Position(2, 5, 0), Position(4, 2, 0))
    snippet = Snippet("a = [\n  1,\n] # end\n")
    assert diagnostic_text(Diagnostic.error("Summary", subject=subject, snippet=snippet), PLAIN) == dedent("""\
        Error: Summary
          on f line 2:
            2: a = [
                   ^
            3:   1,
                 ^^
            4: ] # end
               ^
    """)


@pytest.mark.parametrize("before", ["x", "日", "\t"])
def test_of_a_very_long_line_only_the_part_that_matters_is_shown(before: str) -> None:
    source, carets = caret_line(before * 5000 + "WRONG" + "y" * 5000, "WRONG")
    assert columns(source) <= 78
    assert source.index("…") == 7
    assert source.endswith("…")
    assert columns(source.partition("WRONG")[0]) == carets.index("^")
    assert carets.strip() == "^^^^^"


def test_prose_is_wrapped_and_commands_are_not() -> None:
    command = "    envform plan -out=" + "x" * 100
    detail = f"{'word ' * 30}\nTry this:\n\n{command}\n\nThen go on."
    lines = diagnostic_text(Diagnostic.error("Summary", detail), PLAIN).splitlines()
    assert command in lines
    assert all(len(line) <= 78 for line in lines if line != command)
    assert all(len(line) <= 40 for line in diagnostic_text(Diagnostic.error("S", "word " * 30), PLAIN, 40).splitlines())
    assert sum(line.count("word") for line in lines) == 30


def test_without_a_source_the_address_tells_where() -> None:
    diagnostic = Diagnostic.error("Summary", "Detail.", address='environment.a["b"]')
    assert diagnostic_text(diagnostic, PLAIN) == 'Error: Summary\n  with environment.a["b"]\n\nDetail.\n'


def test_the_source_tells_the_block_and_the_address_which_one_of_many() -> None:
    subject, snippet = within("a = b", "b")
    one = Diagnostic.error("Summary", address="environment.a", subject=subject, snippet=snippet)
    many = Diagnostic.error("Summary", address="environment.a[0]", subject=subject, snippet=snippet)
    assert "with" not in diagnostic_text(one, PLAIN)
    assert "  with environment.a[0],\n  on main.hcl line 3" in diagnostic_text(many, PLAIN)


def test_nothing_that_users_wrote_reaches_the_terminal_as_a_command() -> None:
    evil = "a\x1b[2Jb\u202ec\x07\r\x9b\u2066\udc80"
    where = SourceRange(evil, Position(1, 1, 0), Position(1, 2, 0))
    diagnostic = Diagnostic.error(
        evil,
        evil,
        hint=evil,
        address=evil + "[",
        subject=where,
        snippet=Snippet(evil, evil, ((evil, evil),)),
    )
    text = diagnostic_text(diagnostic, PLAIN)
    assert {character for character in text if not " " <= character <= "~"} == {"\n"}
    assert text.count(r"a\x1b[2Jb\u202ec\x07\r\x9b\u2066\udc80") == 9


def test_harmless_text_stays_as_it_is() -> None:
    text = "naïve 日本 🙂 👩\u200d💻 \u0645\u06cc\u200c\u062e"
    assert safe(text) == text


def test_nested_marks_go_on_after_the_inner_one_ends() -> None:
    style = Style.ansi()
    assert style.bold(f"a {style.red('b')} c") == "\x1b[1ma \x1b[31mb\x1b[0m\x1b[1m c\x1b[0m"
    assert style.bold(style.red("a")) == "\x1b[1m\x1b[31ma\x1b[0m"
    assert style.bold("") == ""


def test_programs_get_terraforms_object_and_the_hint() -> None:
    code = '  ü = "日" + wrong # end'
    subject, snippet = within(code, "wrong")
    diagnostic = Diagnostic.error(
        "Summary",
        "Detail.",
        hint="a hint",
        address="environment.training",
        subject=subject,
        snippet=Snippet(code, snippet.context, (("var.n", "is 3"),)),
    )
    form = diagnostic_json(diagnostic)
    offsets = form["snippet"].pop("highlight_start_offset"), form["snippet"].pop("highlight_end_offset")
    assert code.encode()[slice(*offsets)] == b"wrong"
    assert form == {
        "severity": "error",
        "summary": "Summary",
        "detail": "Detail.",
        "hint": "a hint",
        "address": "environment.training",
        "range": {
            "filename": "main.hcl",
            "start": {"line": 3, "column": 13, "byte": 15},
            "end": {"line": 3, "column": 18, "byte": 20},
        },
        "snippet": {
            "context": 'environment "training"',
            "code": code,
            "start_line": 3,
            "values": [{"traversal": "var.n", "statement": "is 3"}],
        },
    }


def test_programs_get_no_empty_parts() -> None:
    assert diagnostic_json(Diagnostic.warning("Summary")) == {"severity": "warning", "summary": "Summary", "detail": ""}


@pytest.mark.parametrize(
    ("start", "end", "highlighted"),
    [
        ((2, 3), (2, 4), "b"),
        ((2, 1), (3, 3), "日 b\nöc"),
        ((2, 3), (9, 1), "b\nöc\nd"),
        ((2, 2), (2, 2), " "),
        ((2, 4), (2, 4), "\n"),
    ],
)
def test_offsets_are_bytes_inside_the_code(start: tuple[int, int], end: tuple[int, int], highlighted: str) -> None:
    code = "日 b\nöc\nd"
    subject = SourceRange("f", Position(*start, 0), Position(*end, 0))
    snippet = diagnostic_json(Diagnostic.error("S", subject=subject, snippet=Snippet(code)))["snippet"]
    marked = code.encode()[snippet["highlight_start_offset"] : snippet["highlight_end_offset"]]
    assert marked.decode() == highlighted


def test_passwords_in_addresses_are_not_shown_again() -> None:
    code = 'pip = ["https://user:p4ss@host.test/a", "ssh://git@host.test/x"]\n'
    subject, snippet = within(code, '"https://user:p4ss@host.test/a"')
    diagnostic = Diagnostic.error("Credentials in a definition", subject=subject, snippet=snippet)
    for shown in (diagnostic_text(diagnostic, PLAIN), str(diagnostic_json(diagnostic))):
        assert "p4ss" not in shown
        assert "https://*********@host.test/a" in shown
        assert "git@host.test" in shown


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ('A = { DB_PASSWORD = "p4ss", other = "seen" }', 'A = { DB_PASSWORD = "****", other = "seen" }'),
        ('{"api_key": "p4ss", "tokens": "seen"}', '{"api_key": "****", "tokens": "seen"}'),
        ("ENV HF_TOKEN=p4ss SEEN=1", "ENV HF_TOKEN=**** SEEN=1"),
        ('TOKEN = var.token, SECRET = "${var.x}"', 'TOKEN = var.token, SECRET = "${var.x}"'),
        ('image = "host/me:p4ss@x/y:1"', 'image = "host/me:****@x/y:1"'),
        ('image = "a/b:1@sha256:00"', 'image = "a/b:1@sha256:00"'),
    ],
)
def test_what_is_named_like_a_secret_is_not_shown_again(code: str, shown: str) -> None:
    subject, snippet = within(f"{code}\n", code[-2:])
    assert shown in diagnostic_text(Diagnostic.error("S", subject=subject, snippet=snippet), PLAIN)
