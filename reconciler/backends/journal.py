"""The journal beside a state file: one fsynced line for each finished change, until the state is written.

Its first line says on which snapshot (lineage and serial) it stands. Each line's checksum covers the
checksum before it too, so lines cannot be lost, moved or taken from another journal unseen. What must be kept
together or not at all, as the parts of a move, is in one line.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from reconciler.backends.file_write import command, replace_file, write_at
from reconciler.backends.format_document import STRICT
from reconciler.model.diagnostic import StateError
from reconciler.model.digest import Digest, canonical_json
from reconciler.model.frozen import dataclass
from reconciler.model.release import __version__
from reconciler.model.state import Entry

if TYPE_CHECKING:
    from pydantic import TypeAdapter

VERSION: Final = 1
_STANDING, _ENTRIES = "standing", "entries"
_ZEROS = bytes(16)


@dataclass(frozen=True, slots=True)
class Standing:
    """The snapshot that a journal stands on; serial 0 is the state before anything was written."""

    lineage: str
    serial: int
    version: Literal[1] = VERSION


@dataclass(frozen=True, slots=True)
class Tail:
    """Where the next line goes, and the checksum that it goes on from."""

    end: int
    checksum: str


@dataclass(frozen=True, slots=True)
class _Line:
    __pydantic_config__ = STRICT

    checksum: Digest
    standing: Standing | None = None
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal as it was read; its entries are checked when they are asked for."""

    path: Path
    standing: Standing
    lines: Sequence[bytes] = field(repr=False)
    tail: Tail

    def entries(self) -> tuple[tuple[Entry, ...], Tail]:
        """The finished changes and where the next one goes; a line that a crash cut short is left out."""
        found: list[Entry] = []
        tail = self.tail
        for index, line in enumerate(self.lines):
            if index == len(self.lines) - 1 and _torn(self.path, line, tail.checksum):
                break
            read = _read(self.path, line, _ENTRIES, tail.checksum)
            if read is None:
                raise _damaged(self.path, f"line {index + 2} does not match its checksum", len(found))
            found.extend(read.entries)
            tail = Tail(tail.end + len(line), read.checksum)
        return tuple(found), tail


def load(path: Path) -> Journal | None:
    """The journal of a path; None when there is none."""
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return None
    if lines and _newer(lines[0]):
        raise _unknown(path, "has a format")
    header = _read(path, lines[0], _STANDING, "") if lines else None
    if header is None or header.standing is None:
        raise _damaged(path, "its first line does not match its checksum" if lines else "it is empty", 0)
    return Journal(path, header.standing, lines[1:], Tail(len(lines[0]), header.checksum))


def start(path: Path, standing: Standing, entries: Sequence[Entry] = ()) -> Tail:
    """A new journal in the place of the old one, in one step."""
    data, checksum = _spell(_STANDING, standing, "")
    if entries:
        line, checksum = _spell(_ENTRIES, tuple(entries), checksum)
        data += line
    replace_file(path, data)
    return Tail(len(data), checksum)


def extend(path: Path, tail: Tail, entries: Sequence[Entry]) -> Tail:
    """One more line, durable when this returns; what a crash left behind the tail is cut off first."""
    line, checksum = _spell(_ENTRIES, tuple(entries), tail.checksum)
    handle = os.open(path, os.O_WRONLY)
    try:
        os.ftruncate(handle, tail.end)
        write_at(handle, line, tail.end)
        os.fsync(handle)
    finally:
        os.close(handle)
    return Tail(tail.end + len(line), checksum)


@cache
def _values() -> TypeAdapter[Standing | tuple[Entry, ...]]:
    from pydantic import TypeAdapter

    return TypeAdapter(Standing | tuple[Entry, ...])


@cache
def _lines() -> TypeAdapter[_Line]:
    from pydantic import TypeAdapter

    return TypeAdapter(_Line)


def _spell(kind: str, value: Standing | tuple[Entry, ...], previous: str) -> tuple[bytes, str]:
    return _frame(kind, canonical_json(_values().dump_python(value, mode="json")), previous)


def _frame(kind: str, body: bytes, previous: str) -> tuple[bytes, str]:
    checksum = Digest.of(previous.encode() + body)
    return f'{{"checksum":"{checksum}","{kind}":'.encode() + body + b"}\n", checksum


def _read(path: Path, line: bytes, kind: str, previous: str) -> _Line | None:
    """None where the checksum is another; StateError where it is right, for then an envform has written it."""
    from pydantic import ValidationError

    body = line[len(_frame(kind, b"", "")[0]) - 2 : -2]
    if line != _frame(kind, body, previous)[0]:
        return None
    try:
        return _lines().validate_json(line)
    except ValidationError:
        raise _unknown(path, "holds something") from None


def _torn(path: Path, line: bytes, previous: str) -> bool:
    # after a power cut, blocks that never reached the disk read as zeros
    if _ZEROS in line:
        return True
    whole = line[:-1] + b"\n"  # where that is right, a bit was flipped
    return not line.endswith(b"\n") and _read(path, whole, _ENTRIES, previous) is None


def _newer(line: bytes) -> bool:
    try:
        version = json.loads(line)["standing"]["version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    return isinstance(version, int) and version > VERSION


def _unknown(path: Path, what: str) -> StateError:
    return StateError(
        "State was written by a newer envform",
        f"The journal `{path}` {what} that this envform, {__version__}, does not know. Nothing was overwritten. "
        "Upgrade envform to the one whose apply was stopped.",
    )


def _damaged(path: Path, why: str, good: int) -> StateError:
    return StateError(
        "Journal is damaged",
        f"The journal `{path}` cannot be trusted: {why}. It holds changes that an apply finished; {good} before that "
        "place can be read. Nothing was overwritten. Put the file back from a copy. To go on without those changes, "
        "move it away; images that they made are still found in the registry by their hash:"
        f"\n\n    {command('mv', path, f'{path}.damaged')}\n",
    )
