"""Which files Docker would send."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.language.definition.dockerignore import parse_dockerignore, sort_out
from reconciler.language.definition.go_paths import clean
from reconciler.language.span import RefusedError
from tests.language.definition.texts import Texts


def ignored(rules: str, *names: str) -> set[str]:
    """The files that are not sent."""
    tree = Texts(dict.fromkeys(names, "")).tree(".")
    sent, _ = sort_out(tree, parse_dockerignore(rules))
    return set(names) - {entry.name for entry in sent}


FILES = ("a", "a.log", "b/a", "b/c/a", "b/c/x.log", "docs/README.md", "docs/x.md", "[z]", "ä.txt")


@pytest.mark.parametrize(
    ("rules", "gone"),
    [
        ("", set()),
        ("a", {"a"}),
        ("/a", {"a"}),
        ("./a", {"a"}),
        ("x/../a", {"a"}),
        ("a/", {"a"}),
        ("  a  \t", {"a"}),
        ("a\r\nb\r\n", {"a", "b/a", "b/c/a", "b/c/x.log"}),
        ("\ufeffa", {"a"}),
        ("# a\n", set()),
        (" # a\n", set()),
        ("*.log", {"a.log"}),
        ("*/*.log", set()),
        ("**/*.log", {"a.log", "b/c/x.log"}),
        ("**/a", {"a", "b/a", "b/c/a"}),
        ("*/a", {"b/a"}),
        ("b/**", {"b/a", "b/c/a", "b/c/x.log"}),
        ("b/*", {"b/a", "b/c/a", "b/c/x.log"}),
        ("b/**/a", {"b/a", "b/c/a"}),
        ("?", {"a", "b/a", "b/c/a", "b/c/x.log"}),
        ("[a-b].log", {"a.log"}),
        ("[^b].log", {"a.log"}),
        ("\\[z\\]", {"[z]"}),
        ("?.txt", {"ä.txt"}),
        ("docs\n!docs/README.md", {"docs/x.md"}),
        ("!docs/README.md\ndocs", {"docs/README.md", "docs/x.md"}),
        ("docs/*.md\n! docs/README.md", {"docs/x.md"}),
        ("**\n!docs", {*FILES} - {"docs/README.md", "docs/x.md"}),
        ("*\n!b\nb/c", {*FILES} - {"b/a"}),
        ("docs/x.md\n!docs", {"docs/x.md"}),
        (".", set()),
        ("..", set()),
        ("A", set()),
    ],
)
def test_the_rules_are_those_of_docker(rules: str, gone: set[str]) -> None:
    assert ignored(rules, *FILES) == gone


def test_a_folder_is_sent_for_what_is_sent_of_it() -> None:
    tree = Texts({"b/c/a": "", "b/x": ""}).tree(".")
    sent, ignored_entries = sort_out(tree, parse_dockerignore("b\n!b/c/a"))
    assert [entry.name for entry in sent] == ["b", "b/c", "b/c/a"]
    assert [one.entry.name for one in ignored_entries] == ["b/x"]


@pytest.mark.parametrize("rules", ["!", "! ", "[", "[]", "[a", "[^", "a[", "[a-]", "[-a]", "[a-b-c]", "\\", "a\\"])
def test_patterns_at_which_docker_stops_are_refused(rules: str) -> None:
    with pytest.raises(RefusedError):
        parse_dockerignore(rules)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab*?[]^-\\!/.#é \n", max_size=24))
def test_any_text_is_read_or_refused(rules: str) -> None:
    try:
        patterns = parse_dockerignore(rules)
    except RefusedError:
        return
    sort_out(Texts(dict.fromkeys(FILES, "")).tree("."), patterns)


@pytest.mark.parametrize(
    ("path", "cleaned"),
    [("", "."), ("a//b/./c/..", "a/b"), ("../a", "../a"), ("/../a", "/a"), ("a/..", "."), ("/", "/")],
)
def test_paths_are_cleaned_as_go_does(path: str, cleaned: str) -> None:
    assert clean(path) == cleaned
