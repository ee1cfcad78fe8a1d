"""The journal beside a state file: one fsynced line for each finished change, until the state is written.

Its first line says on which snapshot (lineage and serial) it stands. Each line's checksum covers the
checksum before it too, so lines cannot be lost, moved or taken from another journal unseen. What must be kept
together or not at all, as the parts of a move, is in one line.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Generic, Literal, TypeVar

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
class _Head:
    """The first line. Most journals have no other one, and what reads entries takes long to make."""

    __pydantic_config__ = STRICT

    checksum: Digest
    standing: Standing


@dataclass(frozen=True, slots=True)
class _Line:
    __pydantic_config__ = STRICT

    checksum: Digest
    entries: tuple[Entry, ...]


_LineT = TypeVar("_LineT", _Head, _Line)
_UNKNOWN = Digest.of(b"")  # of a line that is yet to be spelled


@dataclass(frozen=True, slots=True)
class _Kind(Generic[_LineT]):
    """How lines of one kind are read and written, and under which key they have what they say."""

    form: Callable[[], TypeAdapter[_LineT]]
    key: str


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
            read = _read(_LINE, self.path, line, tail.checksum)
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
    header = _read(_HEAD, path, lines[0], "") if lines else None
    if header is None:
        raise _damaged(path, "its first line does not match its checksum" if lines else "it is empty", 0)
    return Journal(path, header.standing, lines[1:], Tail(len(lines[0]), header.checksum))


def start(path: Path, standing: Standing, entries: Sequence[Entry] = ()) -> Tail:
    """A new journal in the place of the old one, in one step."""
    data, checksum = _spell(_HEAD, _Head(_UNKNOWN, standing), "")
    if entries:
        line, checksum = _spell(_LINE, _Line(_UNKNOWN, tuple(entries)), checksum)
        data += line
    replace_file(path, data)
    return Tail(len(data), checksum)


def extend(path: Path, tail: Tail, entries: Sequence[Entry]) -> Tail:
    """One more line, durable when this returns; what a crash left behind the tail is cut off first."""
    line, checksum = _spell(_LINE, _Line(_UNKNOWN, tuple(entries)), tail.checksum)
    handle = os.open(path, os.O_WRONLY)
    try:
        os.ftruncate(handle, tail.end)
        write_at(handle, line, tail.end)
        os.fsync(handle)
    finally:
        os.close(handle)
    return Tail(tail.end + len(line), checksum)


@cache
def _heads() -> TypeAdapter[_Head]:
    from pydantic import TypeAdapter

    return TypeAdapter(_Head)


@cache
def _lines() -> TypeAdapter[_Line]:
    from pydantic import TypeAdapter

    return TypeAdapter(_Line)


_HEAD, _LINE = _Kind(_heads, "standing"), _Kind(_lines, "entries")


def _spell(kind: _Kind[_LineT], line: _LineT, previous: str) -> tuple[bytes, str]:
    spelled = kind.form().dump_python(line, mode="json")[kind.key]
    return _frame(kind.key, canonical_json(spelled), previous)


def _frame(kind: str, body: bytes, previous: str) -> tuple[bytes, str]:
    checksum = Digest.of(previous.encode() + body)
    return f'{{"checksum":"{checksum}","{kind}":'.encode() + body + b"}\n", checksum


def _read(kind: _Kind[_LineT], path: Path, line: bytes, previous: str) -> _LineT | None:
    """None where the checksum is another; StateError where it is right, for then an envform has written it."""
    from pydantic import ValidationError

    key = kind.key
    body = line[len(_frame(key, b"", "")[0]) - 2 : -2]
    if line != _frame(key, body, previous)[0]:
        return None
    try:
        return kind.form().validate_json(line)
    except ValidationError:
        raise _unknown(path, "holds something") from None


def _torn(path: Path, line: bytes, previous: str) -> bool:
    # after a power cut, blocks that never reached the disk read as zeros
    if _ZEROS in line:
        return True
    whole = line[:-1] + b"\n"  # where that is right, a bit was flipped
    return not line.endswith(b"\n") and _read(_LINE, path, whole, previous) is None


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
