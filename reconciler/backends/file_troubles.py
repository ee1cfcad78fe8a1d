"""What is told where the files of a state do not fit together, with the command that mends it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from reconciler.backends.file_write import command
from reconciler.backends.format import decode
from reconciler.backends.journal import Standing
from reconciler.model.diagnostic import StateError
from reconciler.model.state import State

# what `encode` writes at the top, and nowhere deeper: it indents what is inside
_SERIAL = re.compile(rb'^  "serial": (\d{1,18}),?$', re.MULTILINE)
_LINEAGE = re.compile(rb'^  "lineage": "([^"\\]*)",?$', re.MULTILINE)


def way_out(path: Path, backup: Path, journal: Path) -> str:
    """How to go on where the state cannot be read."""
    if backup.exists() and not _sound(backup):
        return _without_backup(path, backup)
    if backup.exists() and not journal.exists():
        return (
            "The backup holds the state as it was before the last push. Go back to it:"
            f"\n\n    {command('cp', backup, path)}\n"
        )
    if backup.exists():
        return (
            "The backup holds the state as it was before the last apply, and the journal what that apply finished; "
            "together they are complete. Go back to them, then plan:"
            f"\n\n    {command('cp', backup, path)}\n"
        )
    there = path if path.exists() else journal
    return (
        "Put the file back from a copy or from version control. To go on without it, move away what is there; "
        "envform then takes what a journal of the first apply holds, and finds images that exist by their hash:"
        f"\n\n    {command('mv', there, f'{there}.damaged')}\n"
    )


def _without_backup(path: Path, backup: Path) -> str:
    older = sorted(path.parent.glob(f"{path.name}.*.backup"), reverse=True)
    copy = next((one for one in older if _sound(one)), None)
    if copy is not None:
        return (
            "The backup beside it cannot be read either. The newest copy that can be read was made before a command "
            f"changed what is recorded. Go back to it, then plan:\n\n    {command('cp', copy, path)}\n"
        )
    return (
        "The backup beside it cannot be read either. Put one of them back from a copy or from version control. To go "
        "on without them, move the backup away first, and then what the next command names; images are found in the "
        f"registry by their hash:\n\n    {command('mv', backup, f'{backup}.damaged')}\n"
    )


def _sound(path: Path) -> bool:
    try:
        decode(path.read_bytes(), source=str(path), way_out="")
    except (OSError, StateError):
        return False
    return True


def check_not_older(path: Path, backup: Path, snapshot: State) -> None:
    """StateError where the backup is newer than the state that it should be older than."""
    try:
        data = backup.read_bytes()
    except OSError:
        return
    serial, lineage = _SERIAL.search(data), _LINEAGE.search(data)
    if serial and lineage and lineage[1].decode() == snapshot.lineage and int(serial[1]) > snapshot.serial:
        raise StateError(
            "State file is older than its backup",
            f"`{path}` has serial {snapshot.serial}, but its backup has serial {int(serial[1])}: somebody put an older "
            "state back. Nothing was overwritten. To go forward to the backup:"
            f"\n\n    {command('cp', backup, path)}\n\n"
            f"To go on from `{path}` as it is, move the backup away instead:\n\n"
            f"    {command('mv', backup, f'{backup}.old')}\n",
        )


def check_standing(
    files: tuple[Path, Path, Path], snapshot: State, standing: Standing, way_out: Callable[[], str]
) -> None:
    """StateError where a journal does not stand on the snapshot beside it, or on the one before.

    `files` are state, backup and journal.
    """
    path, backup, journal = files
    away = "".join(f"\n    {command('mv', one, f'{one}.old')}" for one in (journal, backup) if one.exists())
    go_on = f"To go on from `{path}` as it is, move what stands beside it away instead:\n{away}\n"
    if standing.lineage != snapshot.lineage:
        raise StateError(
            "Journal belongs to another state",
            f"`{path}` has the lineage `{snapshot.lineage}`, but its journal `{journal}` stands on "
            f"`{standing.lineage}`. Nothing was overwritten. {way_out()}\n{go_on}",
        )
    if standing.serial > snapshot.serial:
        raise StateError(
            "State file is older than its journal",
            f"`{path}` has serial {snapshot.serial}, but its journal stands on serial {standing.serial}: somebody put "
            f"an older state back. Nothing was overwritten. {way_out()}\n{go_on}",
        )


def missing(path: Path, way_out: str) -> StateError:
    """The error where a state was, and is no more."""
    return StateError(
        "State file is missing",
        f"`{path}` is gone, but the backup or the journal beside it shows that there was one. {way_out}",
    )
