"""Which parts of two values differ; the only door to deepdiff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def changed_paths(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """The places at which two JSON-like values differ, sorted, as `tags.team` or `packages[2]`.

    Equal values never reach deepdiff: importing it costs more than planning a thousand unchanged environments.
    """
    if old == new:
        return ()
    from deepdiff import DeepDiff, parse_path

    found = DeepDiff(old, new, ignore_order=False, threshold_to_diff_deeper=0).affected_paths
    return tuple(sorted(_spelled(parse_path(path)) for path in found))  # type: ignore[no-untyped-call]


def _spelled(keys: list[Any]) -> str:
    parts = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    return "".join(parts).removeprefix(".")
