"""Until a version is registered and its image is there: for whoever comes after an apply that runs elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from reconciler.model.diagnostic import Diagnostic, EnvformError, RegistryError, StateError
from reconciler.model.number_text import counted
from reconciler.model.state import State
from reconciler.oci.reference import Name
from reconciler.session.catalogue import Called, Found, find

if TYPE_CHECKING:
    from reconciler.session import Session

_FIRST, _LONGEST = 0.2, 5.0


def wait_for(session: Session, text: str, timeout: float) -> Found:
    """The version as soon as it can be used; EnvformError tells what it still lacks after so many seconds."""
    called, end, pause = Called.parse(text), time.monotonic() + timeout, _FIRST
    while True:
        found = _now(session, called)
        if isinstance(found, Found):
            return found
        left = end - time.monotonic()
        if left <= 0:
            detail = f"`{text}` could not be used within {counted(timeout, 'second')}: {found}"
            raise EnvformError(Diagnostic.error("Environment is not there yet", detail))
        time.sleep(min(pause, left))
        pause = min(2 * pause, _LONGEST)


def _now(session: Session, called: Called) -> Found | str:
    """The version, or what it lacks. What passes by itself is waited for; anything else is an error at once."""
    try:
        found = find(session.backend.read() or State(lineage=""), called, "")
    except StateError as error:
        if not error.temporary:
            raise
        return str(error)
    except EnvformError as error:
        return "".join(item.detail for item in error.diagnostics)
    name = Name(found.registered.name, found.record.version)
    try:
        there = session.registry.describe(name)
    except RegistryError as error:
        if not error.temporary:
            raise
        return str(error)
    if there is None or there.digest != found.record.image:
        return f"it is registered, and `{session.settings.registry}` does not hold its image."
    return found
