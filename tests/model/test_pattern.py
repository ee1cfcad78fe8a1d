"""A pattern that is compiled later does what one does that is compiled at once."""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module

import pytest

import reconciler
from reconciler.model.pattern import _Pattern, lazy_pattern


def test_it_matches_finds_and_replaces() -> None:
    later, now = lazy_pattern(r"(?P<word>[a-z]+)\d", re.IGNORECASE), re.compile(r"(?P<word>[a-z]+)\d", re.IGNORECASE)
    for text in ("Ab1", "ab1 cd2", "", "1"):
        assert [bool(later.match(text)), bool(later.search(text)), bool(later.fullmatch(text))] == [
            bool(now.match(text)),
            bool(now.search(text)),
            bool(now.fullmatch(text)),
        ]
        assert (later.findall(text), later.sub("x", text), later.split(text)) == (
            now.findall(text),
            now.sub("x", text),
            now.split(text),
        )
        assert [found["word"] for found in later.finditer(text)] == [found["word"] for found in now.finditer(text)]
    assert (later.pattern, later.groupindex, later.flags) == (now.pattern, now.groupindex, now.flags)
    assert lazy_pattern(b"a+").fullmatch(b"aa")


def test_what_it_has_not_is_told_as_python_tells_it() -> None:
    with pytest.raises(AttributeError, match="colour"):
        print(lazy_pattern("a").colour)  # type: ignore[attr-defined]  # noqa: T201


def test_every_pattern_of_the_program_can_be_compiled() -> None:
    count = 0
    for found in pkgutil.walk_packages(reconciler.__path__, "reconciler."):
        if found.name == "reconciler.__main__":
            continue
        for value in vars(import_module(found.name)).values():
            if isinstance(value, _Pattern):
                re.compile(*value._source)
                count += 1
    assert count > 100
