"""The last door before a lock is written anywhere: state, journal, plan files, and what goes with an image."""

from __future__ import annotations

import re

from reconciler.model.definition import Lock
from reconciler.model.diagnostic import ResolutionError
from reconciler.model.pattern import lazy_pattern

_SECRET = lazy_pattern(
    r"://[^/\s]*@|://[^/\s]+/t/[^/\s]+/"
    r"|[?&](?:sig|signature|x-amz-[a-z-]+|x-goog-[a-z-]+|access_token|token|api_?key|password)=[^&#\s]",
    re.IGNORECASE,
)


def tells_secrets(lock: Lock) -> tuple[str, ...]:
    """The packages whose recorded addresses hold a user, a password, a token or a signature."""
    return tuple(one.name for one in lock.artefacts if _SECRET.search(one.url) or _SECRET.search(one.index))


def recordable(lock: Lock) -> Lock:
    """The lock itself; ResolutionError where it would carry credentials to everybody who may read it."""
    if names := tells_secrets(lock):
        raise ResolutionError(
            "Address with credentials",
            f"The address of the package {', '.join(f'`{name}`' for name in names)} came back with a user, a password, "
            "a token or a signature in it, which is not shown here. Locks are written into the state, into plan files "
            "and beside images in the registry, where secrets do not belong, so nothing was recorded. Give the index "
            "an address without them, and keep the credentials in netrc or a keyring.",
        )
    return lock
