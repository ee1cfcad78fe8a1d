"""The grammar's tables, kept for this user between runs: making them costs more than most projects do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def grammar_kept() -> Iterator[None]:
    """Inside, HCL is parsed with the tables of an earlier run, where there are any."""
    from reconciler.language.hcl import KeptTables

    place = _place()
    if place is not None:
        KeptTables.offer(lambda: _kept(place))
    try:
        yield
    finally:
        if place is not None and KeptTables.made is not None:
            _keep(place, KeptTables.made)
            KeptTables.made = None


def _place() -> Path | None:
    """In the user's cache folder; None for users who have none."""
    try:
        folder = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    except RuntimeError:
        return None
    return Path(folder, "envform", "grammar") if Path(folder).is_absolute() else None


def _kept(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except OSError:
        return b""


def _keep(place: Path, content: bytes) -> None:
    unfinished = place.with_name(f"{place.name}.{os.getpid()}")
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content)
        unfinished.replace(place)
