"""All functions by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from reconciler.language.functions.lazy import LAZY
from reconciler.language.functions.signature import Signature


@cache
def functions() -> Mapping[str, Signature]:
    """The functions that are called with values."""
    from reconciler.language.functions import (
        conversions,
        dates,
        encoding,
        files,
        formatting,
        hashing,
        lists,
        maps,
        network,
        numbers,
        paths,
        regexes,
        sets,
        strings,
        templates,
        truths,
    )

    families = (
        strings, regexes, formatting, numbers, truths, lists, maps, sets, conversions, encoding, hashing, dates,
        network, paths, files, templates,
    )  # fmt: skip
    return {name: signature for family in families for name, signature in family.FAMILY.functions.items()}


def names() -> frozenset[str]:
    """All that can be called."""
    return frozenset(functions()) | frozenset(LAZY)
