"""Files of one or more packages as one layer: sorted by path, parents once and before what is in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from reconciler.builders.layers import tar
from reconciler.builders.layers.gzip_members import GzipMembers, Written
from reconciler.builders.layers.installation import Installed
from reconciler.builders.layers.wheel import Wheel
from reconciler.builders.layers.zip_directory import DEFLATED, Member, WheelError
from reconciler.model.frozen import dataclass

_FOLDER_MODE = 0o755
_PIECE = 1 << 20
Watch = Callable[[str, Iterator[tuple[bytes, bytes]]], Iterator[tuple[bytes, bytes]]]


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that would not be there for what is in it."""

    path: str


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link."""

    path: str
    target: str


@dataclass(frozen=True, slots=True)
class FromWheel:
    """A file, and the wheel that its content is read from."""

    file: Installed
    wheel: Wheel


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A file whose content lies unpacked on this machine, and when its package says that it was written."""

    path: str
    mode: int
    size: int
    time: int
    source: Path


class UnreadableError(WheelError):
    """What is wrong with one of the wheels that a layer is made from."""

    def __init__(self, cause: WheelError, wheel: Wheel) -> None:
        super().__init__(str(cause))
        self.wheel = wheel


Entry = Folder | Link | Installed | FromWheel | OnDisk


def write_layer(
    entries: Iterable[Entry], file: BinaryIO, watch: Watch | None = None, *, packed: bool = False
) -> Written:
    """Write the layer of some entries, each path of them once; `watch` sees the content of every file of a wheel.

    With `packed` all is compressed that no wheel has compressed already.
    """
    out = GzipMembers(file, packed=packed)
    made: set[str] = set()
    reading: Wheel | None = None
    try:
        for entry in sorted(entries, key=_path):
            for parent in _missing_parents(_path(entry).decode(), made):
                out.store(tar.header(f"{parent}/", _FOLDER_MODE, kind=tar.FOLDER))
            if isinstance(entry, FromWheel) and entry.wheel is not reading:
                if reading:
                    reading.let_go()
                reading = entry.wheel
            _write(out, entry, made, watch)
    except WheelError as cause:
        raise (UnreadableError(cause, reading) if reading else cause) from cause
    finally:
        if reading:
            reading.let_go()
    out.store(tar.END)
    return out.finish()


def _write(out: GzipMembers, entry: Entry, made: set[str], watch: Watch | None) -> None:
    match entry:
        case Folder(path):
            if path not in made:
                made.add(path)
                out.store(tar.header(f"{path}/", _FOLDER_MODE, kind=tar.FOLDER))
        case Link(path, target):
            out.store(tar.header(path, 0o777, kind=tar.LINK, link=target))
        case FromWheel(Installed(path, mode, Member() as member), wheel):
            out.store(tar.header(path, mode, member.size))
            _pass(out, wheel, member, watch)
            out.store(tar.padding(member.size))
        case OnDisk(path, mode, size, time, source):
            out.store(tar.header(path, mode, size, time=time))
            with source.open("rb") as file:
                while piece := file.read(_PIECE):
                    out.store(piece)
            out.store(tar.padding(size))
        case FromWheel(Installed(path, mode, bytes(content))) | Installed(path, mode, bytes(content)):
            out.store(tar.header(path, mode, len(content)) + content + tar.padding(len(content)))


def _pass(out: GzipMembers, wheel: Wheel, member: Member, watch: Watch | None) -> None:
    pieces = wheel.stream(member)
    if watch:
        pieces = watch(member.name, pieces)
    if member.method == DEFLATED and member.size:
        out.pass_through(pieces, member.crc, member.size)
    else:
        for _, content in pieces:
            out.store(content)


def _path(entry: Entry) -> bytes:
    return (entry.file.path if isinstance(entry, FromWheel) else entry.path).encode()


def _missing_parents(path: str, made: set[str]) -> Iterator[str]:
    """The folders that a path lies in and that were not made yet, outermost first; they count as made from now on."""
    missing = []
    while (path := path.rpartition("/")[0]) and path not in made:
        missing.append(path)
    made.update(missing)
    return reversed(missing)
