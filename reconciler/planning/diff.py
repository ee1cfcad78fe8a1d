"""Which parts of two values differ; the only door to deepdiff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def changed_paths(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """The places at which two JSON-like values differ, sorted, as `tags.team` or `packages[2]`.

    Only lists reach deepdiff: what it takes to compare two small mappings costs more than to plan an environment.
    """
    return tuple(sorted(path.removeprefix(".") for path in _paths(old, new)))


def _paths(old: Any, new: Any) -> Iterator[str]:
    if type(old) is type(new) and old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in {**old, **new}:
            if key in old and key in new:
                yield from (f".{key}{path}" for path in _paths(old[key], new[key]))
            else:
                yield f".{key}"
    elif isinstance(old, list | tuple) and isinstance(new, list | tuple):
        yield from _paths_in_lists(list(old), list(new))
    else:
        yield ""


def _paths_in_lists(old: list[Any], new: list[Any]) -> Iterator[str]:
    from deepdiff import DeepDiff, parse_path

    found = DeepDiff(old, new, ignore_order=False, threshold_to_diff_deeper=0).affected_paths
    for path in found:
        yield "".join(_spelled(key) for key in parse_path(path))  # type: ignore[no-untyped-call]


def _spelled(key: object) -> str:
    return f"[{key}]" if isinstance(key, int) else f".{key}"
