"""What values are: sets in order, marks that survive, unknown parts, and how all of them are written down."""

from __future__ import annotations

from fractions import Fraction

import pytest

from reconciler.language.conversion import UnsuitableError
from reconciler.language.equality import compared, equal, set_from
from reconciler.language.span import RefusedError, SpanError
from reconciler.language.types import ANY, BOOL, NUMBER, STRING, list_of, map_of, object_of, set_of, tuple_of
from reconciler.language.value import (
    UNKNOWN,
    List,
    Map,
    Null,
    Sensitive,
    Unknown,
    Value,
    holds_sensitive,
    is_known,
    is_null,
    is_wholly_known,
    kind,
    mark,
    named,
    plain,
    shown,
    type_of,
    unmark_deep,
)
from reconciler.language.written import masked, to_hcl, to_json
from tests.language.evaluated import converted, value_of

EVERY_KIND: list[tuple[Value, str, str, str]] = [
    (None, "null", "any", "null"),
    (Null(STRING), "null", "string", "tostring(null)"),
    (Null(list_of(NUMBER)), "null", "list(number)", "tolist(null) /* of number */"),
    (True, "bool", "bool", "true"),
    ("a", "string", "string", '"a"'),
    (Fraction(3, 2), "number", "number", "1.5"),
    ((1, "a"), "tuple", "tuple([number, string])", '[1, "a"]'),
    ({"b": 1, "a": None}, "object", "object({a = any, b = number})", '{ "a" = null, "b" = 1 }'),
    (List((1, 2), NUMBER), "list", "list(number)", "tolist([1, 2])"),
    (set_from(("b", "a", "b"), STRING), "set", "set(string)", 'toset(["a", "b"])'),
    (Map({"k": True}, BOOL), "map", "map(bool)", 'tomap({ "k" = true })'),
    (Unknown(STRING), "string", "string", "(known after apply)"),
    (UNKNOWN, "unknown", "any", "(known after apply)"),
    (Sensitive("x"), "string", "string", "(sensitive value)"),
    ((Sensitive(1), 2), "tuple", "tuple([number, number])", "[(sensitive value), 2]"),
    ((), "tuple", "tuple([])", "[]"),
    ({}, "object", "object({})", "{}"),
]


@pytest.mark.parametrize(("value", "word", "type_text", "text"), EVERY_KIND, ids=[case[3] for case in EVERY_KIND])
def test_every_kind_of_value_has_a_word_a_type_and_a_spelling(
    value: Value, word: str, type_text: str, text: str
) -> None:
    assert (kind(value), str(type_of(value)), to_hcl(value)) == (word, type_text, text)


def test_a_set_has_no_duplicates_and_is_in_terraforms_order() -> None:
    assert plain(set_from((10, 9, Fraction(19, 2)), NUMBER)) == (9, Fraction(19, 2), 10)
    assert plain(set_from((None, "b", "a", None), STRING)) == ("a", "b", None)
    assert plain(set_from((True, False, True), BOOL)) == (False, True)


def test_two_unknown_values_stay_two_elements_of_a_set() -> None:
    made = set_from((Unknown(STRING), "a", Unknown(STRING)), STRING)
    assert isinstance(made, tuple)
    assert len(made) == 3
    assert made[0] == "a"


def test_a_set_with_a_sensitive_element_is_sensitive_as_a_whole() -> None:
    assert isinstance(set_from(("a", Sensitive("b")), STRING), Sensitive)


def test_marks_are_found_and_taken_off_at_any_depth() -> None:
    value = List(({"a": Sensitive("x")},), object_of({"a": STRING}))
    assert holds_sensitive(value)
    assert unmark_deep(value) == (({"a": "x"},), True)
    assert type_of(unmark_deep(value)[0]) == list_of(object_of({"a": STRING}))
    assert mark(mark("x")) == Sensitive("x")


def test_null_and_unknown_are_told_through_a_mark() -> None:
    assert is_null(Sensitive(Null(STRING)))
    assert not is_null(Sensitive("x"))
    assert not is_known(Sensitive(UNKNOWN))
    assert is_known((UNKNOWN,))
    assert not is_wholly_known((Sensitive((UNKNOWN,)),))


def test_values_of_different_types_are_never_equal() -> None:
    assert not equal(List((1,), NUMBER), (1,))
    assert not equal(List((), NUMBER), List((), STRING))
    assert not equal(1, True)
    assert not equal("1", 1)
    assert equal(None, Null(STRING))
    assert equal({"a": (1, Sensitive("x"))}, {"a": (1, "x")})


def test_what_only_unknown_values_could_tell_is_not_told() -> None:
    assert compared(UNKNOWN, 1) is None
    assert compared((1, UNKNOWN), (1, 2)) is None
    assert compared((1, UNKNOWN), (2, 2)) is False
    assert compared(Unknown(STRING), 1) is False
    assert compared(None, Unknown(STRING)) is None


def test_values_in_messages_are_cut_and_sensitive_ones_are_not_shown() -> None:
    assert shown("x" * 100) == '"' + "x" * 58 + "…"
    assert shown(Sensitive("x")) == "a sensitive value"
    assert shown(List((1,), NUMBER)) == "a list with 1 element"
    assert shown({"a": 1, "b": 2}) == "an object with 2 attributes"
    assert named(UNKNOWN) == "an unknown value"


@pytest.mark.parametrize(
    "expression",
    [
        "local.secret + 1",
        "1 + local.secret",
        "-local.secret",
        "!local.secret",
        "local.secret && true",
        "local.secret ? 1 : 2",
        "[for x in [1] : x if local.secret]",
        "[1, 2][local.secret]",
        "{a = 1}[local.secret]",
        "{x = 1, (local.secret) = 2}",
        '{for k in ["x", local.secret] : k => 1}',
        "{for k in local.secret : k => 1}",
        "local.secret.a",
        "local.secret[0]",
    ],
)
def test_no_message_shows_a_sensitive_value(expression: str) -> None:
    with pytest.raises(SpanError) as caught:
        value_of(expression.replace('["x",', '["topsecret",').replace("{x =", "{topsecret ="), local=SECRET)
    told = caught.value
    assert "topsecret" not in f"{told.detail}{told.hint}{told.values}"


SECRET = {"secret": Sensitive("topsecret")}


def test_a_conversion_does_not_show_a_sensitive_value_either() -> None:
    with pytest.raises(UnsuitableError) as caught:
        converted("local.secret", "number")
    assert caught.value.detail == "This is a sensitive value that cannot become a number."


@pytest.mark.parametrize(
    ("value", "as_type", "detail"),
    [
        (
            '[{a = {b = ["x"]}}]',
            "list(object({a = map(list(number))}))",
            'At `[0].a["b"][0]`: This is the string "x", and a number is wanted here.',
        ),
        ("{nmae = 1}", "object({name = string})", "The attribute `name` is required."),
        (
            "[{}]",
            "list(object({a = string, b = string}))",
            "At `[0]`: The attributes `a`, `b` are required.",
        ),
        ("[1]", "tuple([number, number])", "A tuple of 2 elements is wanted here, and this has 1."),
        ('"yes"', "bool", 'This is the string "yes", and a bool is wanted here.'),
        ("[1]", "map(string)", "This is a tuple, and a map(string) is wanted here."),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_the_way_to_it(value: str, as_type: str, detail: str) -> None:
    with pytest.raises(UnsuitableError) as caught:
        converted(value, as_type)
    assert caught.value.detail == detail


def test_what_was_probably_meant_is_said_of_attributes_and_truth_values() -> None:
    with pytest.raises(UnsuitableError) as caught:
        converted("{nmae = 1}", "object({name = string})")
    assert caught.value.hint == "did you mean `nmae`?" or "name" in caught.value.hint
    with pytest.raises(UnsuitableError) as caught:
        converted('"True"', "bool")
    assert caught.value.hint == "did you mean `true`?"


def test_json_is_exact_and_sorted() -> None:
    value = {"b": (Fraction(1, 10), 10**30), "a": "é\n", "c": set_from(("z", "y"), STRING), "d": Null(STRING)}
    text = '{"a": "é\\n", "b": [0.1, 1000000000000000000000000000000], "c": ["y", "z"], "d": null}'
    assert to_json(value) == text
    with pytest.raises(RefusedError):
        to_json((UNKNOWN,))


def test_what_is_shown_to_people_has_words_in_place_of_secrets() -> None:
    value: Value = {"a": Sensitive("x"), "b": List((UNKNOWN,), ANY)}
    assert to_json(masked(value)) == '{"a": "(sensitive value)", "b": ["(known after apply)"]}'


def test_text_is_written_as_hcl_reads_it() -> None:
    text = 'quote " back \\ tab \t dollar ${x} percent %{x} plain $ % bell \x07 line\n'
    assert value_of(to_hcl(text)) == text
    assert to_hcl("${a}") == '"$${a}"'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "{}"),
        ((1, {"a": ()}), '[\n  1,\n  {\n    "a" = []\n  },\n]'),
        (List(("x",), STRING), 'tolist([\n  "x",\n])'),
        ("a\nb", "<<EOT\na\nb\nEOT"),
        ({"t": "a\nEOT"}, '{\n  "t" = <<-EOT_\n  a\n  EOT\n  EOT_\n}'),
    ],
)
def test_on_several_lines_values_look_as_terraform_shows_them(value: Value, text: str) -> None:
    assert to_hcl(value, 0) == text


def test_types_are_written_as_they_are_read() -> None:
    for text in ["list(set(string))", "tuple([number, any])", "object({a = map(bool), b = tuple([])})"]:
        assert str(type_of(converted("null", text))) == text
    assert str(set_of(map_of(ANY))) == "set(map(any))"
    assert str(tuple_of([STRING])) == "tuple([string])"
