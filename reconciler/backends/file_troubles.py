"""What is told where the files of a state do not fit together, with the command that mends it."""

from __future__ import annotations

from pathlib import Path

from reconciler.backends.file_write import command
from reconciler.backends.journal import Standing
from reconciler.model.diagnostic import StateError
from reconciler.model.state import State


def way_out(path: Path, backup: Path, journal: Path) -> str:
    """How to go on where the state cannot be read."""
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


def check_standing(path: Path, journal: Path, snapshot: State, standing: Standing, way_out: str) -> None:
    """StateError where a journal does not stand on the snapshot beside it, or on the one before."""
    away = command("mv", journal, f"{journal}.old")
    go_on = f"To go on from `{path}` as it is, move the journal away instead:\n\n    {away}\n"
    if standing.lineage != snapshot.lineage:
        raise StateError(
            "Journal belongs to another state",
            f"`{path}` has the lineage `{snapshot.lineage}`, but its journal `{journal}` stands on "
            f"`{standing.lineage}`. Nothing was overwritten. {way_out}\n{go_on}",
        )
    if standing.serial > snapshot.serial:
        raise StateError(
            "State file is older than its journal",
            f"`{path}` has serial {snapshot.serial}, but its journal stands on serial {standing.serial}: somebody put "
            f"an older state back. Nothing was overwritten. {way_out}\n{go_on}",
        )


def missing(path: Path, way_out: str) -> StateError:
    """The error where a state was, and is no more."""
    return StateError(
        "State file is missing",
        f"`{path}` is gone, but the backup or the journal beside it shows that there was one. {way_out}",
    )
