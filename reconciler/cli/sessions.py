"""The session of one run of the program, with everything that its flags say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.cli.invocation import Invocation

if TYPE_CHECKING:
    from reconciler.protocols import EventSink
    from reconciler.session import Session


def open_session(invocation: Invocation, emit: EventSink) -> Session:
    """Opened here, for the session imports rooms that help and completion must not pay for."""
    from reconciler.session import Session

    return Session(
        invocation.root,
        emit,
        variables=invocation.variables,
        documents=invocation.documents,
        workspace=invocation.workspace,
        locking=invocation.locking,
        lock_timeout=invocation.lock_timeout,
    )
