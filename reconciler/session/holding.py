"""Opens the state's backend, and waits for its lock as long as the user wants to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from reconciler.backends.file import FileBackend
from reconciler.model.diagnostic import Diagnostic, StateError
from reconciler.model.event import Told
from reconciler.model.number_text import counted
from reconciler.model.release import __version__
from reconciler.model.state import Holder
from reconciler.session import workspaces

if TYPE_CHECKING:
    from reconciler.protocols import StateBackend
    from reconciler.session import Session

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0


def open_backend(session: Session) -> StateBackend:
    """Where the session's workspace keeps its state."""
    return FileBackend(
        workspaces.state_path(session, workspaces.current(session)),
        envform_version=__version__,
        now=session.now,
        tell=lambda diagnostic: session.emit(Told(diagnostic)),
        locking=session.locking,
    )


@contextmanager
def hold(session: Session, operation: str) -> Iterator[Holder]:
    """Hold the state's lock, waiting for it as long as the session may."""
    with ExitStack() as stack:
        yield _entered(stack, session, operation)


def _entered(stack: ExitStack, session: Session, operation: str) -> Holder:
    deadline = time.monotonic() + session.lock_timeout
    pause = _FIRST_PAUSE
    while True:
        try:
            return stack.enter_context(session.backend.lock(operation))
        except StateError as error:
            left = deadline - time.monotonic()
            if not error.temporary or left <= 0:
                raise
            if pause == _FIRST_PAUSE:
                session.emit(Told(_waiting(error, session.lock_timeout)))
        time.sleep(min(pause, left))
        pause = min(2 * pause, _LONGEST_PAUSE)


def _waiting(error: StateError, seconds: float) -> Diagnostic:
    whose = error.diagnostics[0].detail.partition("\n")[0]
    return Diagnostic.warning(
        "Waiting for the state's lock", f"{whose} Waiting for it, up to {counted(seconds, 'second')}."
    )
