"""Which addresses people mean by `-target`, `-replace` and their like."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.suggestion import did_you_mean_address


def selected(patterns: Iterable[str], addresses: Collection[str], flag: str = "") -> frozenset[str]:
    """All addresses that match; a pattern that matches none is an error, for a typing mistake must not do nothing."""
    found: set[str] = set()
    problems = []
    for pattern in patterns:
        meant = set(matching(pattern, addresses))
        found |= meant
        if not meant:
            problems.append(_matches_nothing(pattern, addresses, flag))
    if problems:
        raise EnvformError(*problems)
    return frozenset(found)


def matching(pattern: str, addresses: Iterable[str]) -> Iterator[str]:
    """An address without a key means all its instances too."""
    text = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    form = re.compile(rf"{text}(\[.*\])?", re.DOTALL)
    return (address for address in addresses if form.fullmatch(address))


def _matches_nothing(pattern: str, addresses: Collection[str], flag: str) -> Diagnostic:
    spelled = f"`{flag}={pattern}`" if flag else f"`{pattern}`"
    return Diagnostic.error(
        "Address matches nothing",
        f"{spelled} matches no environment, neither in the configuration nor in the state. "
        'Addresses look like `environment.training` or `environment.training["cpu"]`; `*` and `?` stand for any text.',
        hint=did_you_mean_address(pattern, addresses),
    )
