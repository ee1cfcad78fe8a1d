"""What goes wrong below a builder, in the shape in which errors leave it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from reconciler.builders.layers.base_python import unusable
from reconciler.builders.layers.cache import Cache
from reconciler.builders.layers.zip_directory import WheelError
from reconciler.model.diagnostic import BuildError
from reconciler.oci.strict_json import ContentError


@contextmanager
def told(cache: Cache, called: str) -> Iterator[None]:
    """Only BuildError leaves, but for what the base's own registry says; `called` is the base."""
    try:
        yield
    except ContentError as cause:
        raise unusable(called, cause) from cause
    except WheelError as cause:
        raise BuildError(
            "Packages cannot be installed together",
            f"{cause} No installer can have both; leave one of the two packages out.",
        ) from cause
    except (OSError, sqlite3.Error) as cause:
        raise BuildError(
            "Cache cannot be used",
            f"Layers are kept in `{cache.folder}`, which cannot be used: {cause}. Free some space there, or "
            "set `XDG_CACHE_HOME` to a folder that you may write.",
        ) from cause
