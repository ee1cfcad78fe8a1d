"""How much of the disk the user's cache may take, and what is taken away when it is more."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.stored import Stored
from reconciler.session.parts import cache_folder

CACHE_SIZE = "ENVFORM_CACHE_SIZE"
_USUAL_SIZE = "20G"
_UNITS = {"M": 20, "G": 30, "T": 40}


def trim_cache() -> None:
    """Take away what nobody is likely to need again; EnvformError where the limit is no size."""
    from reconciler.builders.trimming import trim

    trim(_everything(cache_folder()), cache_limit())


def cache_limit() -> int:
    """How many bytes the cache may have after an apply; EnvformError where `ENVFORM_CACHE_SIZE` is no size."""
    text = os.environ.get(CACHE_SIZE, "") or _USUAL_SIZE
    number, unit = text[:-1], text[-1].upper()
    if unit in _UNITS and number.isascii() and number.isdigit():
        return int(number) << _UNITS[unit]
    detail = f"`{CACHE_SIZE}` is `{text}`. Write a number with its unit: `500M`, `20G`, or `1T`."
    raise EnvformError(Diagnostic.error("Invalid cache size", detail))


def _everything(cache: Path) -> Iterator[Stored]:
    """What lies in the cache, but for small files that tell what is known of all this."""
    from reconciler.builders.layers.cache import Cache
    from reconciler.builders.trimming import files_in, folders_in, locked_folders_in
    from reconciler.runners.oci_unpacking import Unpacked

    yield from Cache(cache).stored()
    yield from folders_in(cache / "built")
    yield from files_in(cache / "channels", "**/*")
    yield from files_in(cache / "pulled", "??/*")
    yield from files_in(cache / "debian", "*.json")
    yield from files_in(cache / "debian", "chosen/*")
    yield from locked_folders_in(cache / "debian", "envform.lock")
    yield from Unpacked(cache / "rootfs").stored()
