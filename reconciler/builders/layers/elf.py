"""The few facts of ELF files that matter here, from bytes that a stranger may have written."""

from __future__ import annotations

import struct
from typing import IO

from reconciler.model.frozen import dataclass

_MAGIC = b"\x7fELF"
_LOAD, _DYNAMIC, _INTERPRETER = 1, 2, 3
_NEEDED, _STRINGS, _NAME = 1, 5, 14
_LARGEST_DYNAMIC = 1 << 20
_LONGEST_NAME = 512


@dataclass(frozen=True, slots=True)
class _Segment:
    kind: int
    offset: int
    address: int
    size: int


def read_libraries(file: IO[bytes]) -> tuple[str, tuple[str, ...]]:
    """What a shared library calls itself, and the libraries that it needs; nothing of what is no ELF file."""
    try:
        head = _at(file, 0, 64)
        order, _, start, size, count = _table(head)
        _, _, segments = _segments(head, _at(file, start, size * count))
        dynamic = next((it for it in segments if it.kind == _DYNAMIC), None)
        if dynamic is None or dynamic.size > _LARGEST_DYNAMIC:
            return "", ()
        entry = struct.Struct(order + ("qQ" if head[4] == 2 else "iI"))
        content = _at(file, dynamic.offset, dynamic.size // entry.size * entry.size)
        pairs = list(entry.iter_unpack(content))
        strings = _offset(segments, next(value for tag, value in pairs if tag == _STRINGS))
        needed = tuple(_string(file, strings + value) for tag, value in pairs if tag == _NEEDED)
        return next((_string(file, strings + value) for tag, value in pairs if tag == _NAME), ""), needed
    except (struct.error, ValueError, StopIteration, OSError):
        return "", ()


def read_interpreter(head: bytes) -> tuple[int, str] | None:
    """The machine that a program is for and the loader that it asks for; None for what is no such program."""
    try:
        _, _, start, size, count = _table(head)
        _, machine, segments = _segments(head, head[start : start + size * count])
    except (struct.error, ValueError):
        return None
    for segment in segments:
        if segment.kind == _INTERPRETER:
            loader = head[segment.offset : segment.offset + segment.size].rstrip(b"\0")
            return machine, loader.decode(errors="replace")
    return None


def _table(head: bytes) -> tuple[str, int, int, int, int]:
    """The order of bytes, the machine, and where the table of segments is: start, size of an entry, count."""
    if len(head) < 52 or head[:4] != _MAGIC or head[4] not in (1, 2) or head[5] not in (1, 2):
        raise ValueError
    wide, order = head[4] == 2, "<" if head[5] == 1 else ">"
    (machine,) = struct.unpack_from(order + "H", head, 18)
    (start,) = struct.unpack_from(order + ("Q" if wide else "I"), head, 32 if wide else 28)
    size, count = struct.unpack_from(order + "HH", head, 54 if wide else 42)
    return order, machine, start, size, count


def _segments(head: bytes, table: bytes) -> tuple[str, int, list[_Segment]]:
    order, machine, _, size, count = _table(head)
    form = struct.Struct(order + ("I4xQQ8xQ" if head[4] == 2 else "III4xI"))
    entries = (form.unpack_from(table, number * size) for number in range(count))
    return order, machine, [_Segment(*entry) for entry in entries]


def _offset(segments: list[_Segment], address: int) -> int:
    """Where in the file an address of the loaded library is."""
    for it in segments:
        if it.kind == _LOAD and it.address <= address < it.address + it.size:
            return it.offset + address - it.address
    raise ValueError


def _string(file: IO[bytes], offset: int) -> str:
    file.seek(offset)
    return file.read(_LONGEST_NAME).partition(b"\0")[0].decode(errors="replace")


def _at(file: IO[bytes], offset: int, size: int) -> bytes:
    if size > _LARGEST_DYNAMIC:
        raise ValueError
    file.seek(offset)
    return file.read(size)
