"""Who holds a lock, who held it, and what people are told about that."""

from __future__ import annotations

import getpass
import os
from uuid import uuid4

from reconciler.backends.file_write import command
from reconciler.model.diagnostic import Diagnostic, StateError
from reconciler.model.state import Holder


def new_holder(operation: str, created: str) -> Holder:
    """The process itself, as others will see it in the lock."""
    return Holder(
        id=str(uuid4()),
        operation=operation,
        who=_user(),
        host=os.uname().nodename,
        pid=os.getpid(),
        created=created,
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def locked_by(holder: Holder | None, place: str) -> StateError:
    """The error for whoever comes second."""
    if holder is None:
        whom = "Another envform process holds it and has not written down yet who it is."
    else:
        whom = f"It is held by {_described(holder)}."
    return StateError(
        "State is locked",
        f"Only one process at a time may change the state {place}. {whom}{_id_line(holder)}\n"
        "Wait until it has ended and run the command again, or let the command wait with -lock-timeout=5m. A process "
        "that dies, even by force, gives the lock back. Plans need no lock.",
        temporary=True,
    )


def locked_elsewhere(holder: Holder, place: str) -> StateError:
    """The error where nobody on this machine holds the lock, and its file names somebody on another one."""
    return StateError(
        "State is locked",
        f"Only one process at a time may change the state {place}. It is held by {_described(holder)}. Whether that "
        f"process still lives cannot be seen from here.{_id_line(holder)}\n"
        f"Wait until it has ended, or let the command wait with -lock-timeout=5m. If it is gone, free the lock:\n\n"
        f"    envform force-unlock {holder.id}\n",
        temporary=True,
    )


def left_behind_by(holder: Holder, place: str) -> Diagnostic:
    """The warning for whoever takes over the lock of a process that is dead."""
    return Diagnostic.warning(
        "Last operation did not end properly",
        f"The lock of the state {place} was left behind by {_described(holder)}: that process is dead, and was killed "
        "or lost its machine. What it had finished is in the journal and is taken in now; nothing needs to be done, "
        "and the lock has been taken over.",
    )


def not_locked(place: str) -> StateError:
    """The error for whoever frees a lock that nobody has."""
    return StateError("State is not locked", f"Nobody holds the state {place}, so there is no lock to free.")


def other_lock(holder: Holder | None, asked: str, place: str) -> StateError:
    """The error for whoever frees a lock by the wrong id."""
    if holder is None:
        detail = (
            f"The lock of the state {place} does not say who holds it, so it has no id. Run the command again that "
            "found it locked: a lock without a living holder is simply taken."
        )
    else:
        detail = f"The lock of the state {place} has another id than `{asked}`. It is held by {_described(holder)}."
    return StateError("Lock has another id", detail + _id_line(holder))


def held_alive(holder: Holder, place: str) -> StateError:
    """The error for whoever would free a lock whose holder lives."""
    return StateError(
        "Lock belongs to a living process",
        f"The state {place} is held by {_described(holder)}, and that process lives: taking its lock away would let "
        "two processes write at once. Wait for it, or end it; its lock is free as soon as it is gone. What it has "
        f"finished is kept either way. On {holder.host}:\n\n    {command('kill', str(holder.pid))}\n",
    )


def _described(holder: Holder) -> str:
    return f"{holder.who} on {holder.host} (process {holder.pid}) for `{holder.operation}` since {holder.created}"


def _id_line(holder: Holder | None) -> str:
    return f"\n\n    lock id: {holder.id}\n" if holder else "\n"
