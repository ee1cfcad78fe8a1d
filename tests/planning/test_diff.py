"""Where two values differ, told as paths; mappings are compared without deepdiff, which must say the same."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from deepdiff import DeepDiff
from deepdiff.path import parse_path
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.planning.diff import changed_paths

LEAVES = st.none() | st.sampled_from(["a", "b", "c.d", ""])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from("xyz"), VALUES, max_size=3)


def by_deepdiff(old: dict[str, Any], new: dict[str, Any]) -> set[str]:
    found = DeepDiff(old, new, ignore_order=False, threshold_to_diff_deeper=0).affected_paths
    return {".".join(map(str, parse_path(path))) for path in found}  # type: ignore[no-untyped-call]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(OBJECTS, OBJECTS)
def test_the_paths_are_those_of_deepdiff(old: dict[str, Any], new: dict[str, Any]) -> None:
    told = {path.replace("[", ".").replace("]", "") for path in changed_paths(old, new)}
    assert told == by_deepdiff(old, new)


@pytest.mark.parametrize(
    ("old", "new", "paths"),
    [
        ({"a": 1}, {"a": 1}, ()),
        ({"tags": {"team": "x"}}, {"tags": {"team": "y", "tier": "z"}}, ("tags.team", "tags.tier")),
        ({"packages": ["a", "b"]}, {"packages": ["a", "c"]}, ("packages[1]",)),
        ({"packages": ["a"]}, {"packages": None}, ("packages",)),
        ({"build": {"args": [{"x": 1}]}}, {"build": {"args": [{"x": 2}]}}, ("build.args[0].x",)),
    ],
)
def test_a_path_is_spelled_as_in_a_configuration(old: Any, new: Any, paths: tuple[str, ...]) -> None:
    assert changed_paths(old, new) == paths


def test_values_of_mappings_are_compared_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "deepdiff", None)
    assert changed_paths({"tags": {"team": "x"}, "a": ""}, {"tags": {"team": "y"}, "a": ""}) == ("tags.team",)
