"""The central directory of a zip file, read strictly: what two readers could understand in two ways is refused.

Sizes and checksums come from the central directory alone; local headers may hold zeros in their place.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO

from reconciler.model.frozen import dataclass

STORED, DEFLATED = 0, 8
_END, _END64, _LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_ENTRY, _LOCAL = b"PK\x01\x02", b"PK\x03\x04"
_ENTRY_FORM, _LOCAL_FORM = struct.Struct("<4sxBxxHHxxxxIIIHHHxxxxII"), struct.Struct("<4sxxxxH16xHH")
_LONGEST_COMMENT = 0xFFFF
_UNKNOWN16, _UNKNOWN32 = 0xFFFF, 0xFFFFFFFF
_ZIP64_FIELD = 1
_ENCRYPTED, _UTF8 = 0x1 | 0x40, 0x800
_LARGEST_DIRECTORY = 256 << 20


class WheelError(ValueError):
    """Why a wheel cannot be put into a layer; the message is a full sentence."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive; `offset` is where its packed bytes begin, `mode` what Unix made of it."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    mode: int

    @property
    def is_folder(self) -> bool:
        """Whether it only says that a folder is there."""
        return self.name.endswith("/")


def read_directory(file: BinaryIO) -> tuple[Member, ...]:
    """All members, in the order of the directory, each where its local header says too; WheelError says why not."""
    length = file.seek(0, os.SEEK_END)
    count, size, start = _directory(file, length)
    content = _read(file, start, size)
    try:
        members = tuple(_located(file, raw, member) for raw, member in _entries(content, count))
    except (struct.error, UnicodeDecodeError) as cause:
        raise WheelError("Its table of contents is damaged.") from cause
    _check(members, start)
    return members


def _directory(file: BinaryIO, length: int) -> tuple[int, int, int]:
    """How many entries the directory has, its size, and where it begins."""
    tail_start = max(0, length - _LONGEST_COMMENT - 22)
    tail = _read(file, tail_start, length - tail_start)
    found = tail.rfind(_END)
    if found < 0 or len(tail) - found < 22:
        raise WheelError("It is no zip file, or its end is missing.")
    disk, first, here, count, size, start, comment = struct.unpack_from("<HHHHIIH", tail, found + 4)
    end = tail_start + found
    if end + 22 + comment != length or disk or first or here != count:
        raise WheelError("It is no zip file in one piece.")
    if count == _UNKNOWN16 or _UNKNOWN32 in (size, start):
        count, size, start, end = _directory64(file, end)
    if start + size != end or size > _LARGEST_DIRECTORY:
        raise WheelError("Its table of contents is not where its end says.")
    return count, size, start


def _directory64(file: BinaryIO, end: int) -> tuple[int, int, int, int]:
    locator = _read(file, end - 20, 20)
    if not locator.startswith(_LOCATOR64):
        raise WheelError("It is a large zip file, and the end that such files have is missing.")
    (where,) = struct.unpack_from("<Q", locator, 8)
    record = _read(file, where, 56)
    if not record.startswith(_END64) or where + 12 + struct.unpack_from("<Q", record, 4)[0] != end - 20:
        raise WheelError("It is a large zip file, and the end that such files have is damaged.")
    count, size, start = struct.unpack_from("<QQQ", record, 32)
    return count, size, start, where


def _entries(content: bytes, count: int) -> Iterator[tuple[bytes, Member]]:
    """Each name as it is spelled, and the member; its offset is still that of the local header."""
    position = 0
    for _ in range(count):
        signature, system, flags, method, crc, packed, size, *sizes, attributes, offset = _ENTRY_FORM.unpack_from(
            content, position
        )
        name_size, extra_size, comment = sizes
        name_end = position + 46 + name_size
        raw, extra = content[position + 46 : name_end], content[name_end : name_end + extra_size]
        position = name_end + extra_size + comment
        if signature != _ENTRY or position > len(content):
            raise WheelError("Its table of contents is damaged.")
        if _UNKNOWN32 in (size, packed, offset):
            size, packed, offset = _wide(extra, (size, packed, offset))
        name = raw.decode("utf-8" if flags & _UTF8 else "cp437")
        if flags & _ENCRYPTED:
            raise WheelError(f"`{name}` in it is encrypted.")
        mode = attributes >> 16 if system in (3, 19) or attributes >> 16 else 0
        yield raw, Member(name, method, crc, packed, size, offset, mode)
    if position != len(content):
        raise WheelError("Its table of contents has more in it than it says.")


def _wide(extra: bytes, values: tuple[int, int, int]) -> tuple[int, int, int]:
    """The sizes and the offset, where they did not fit, from the field for large files."""
    position, field = 0, b""
    while position + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, position)
        if kind == _ZIP64_FIELD:
            field = extra[position + 4 : position + 4 + size]
            break
        position += 4 + size
    wide = iter(struct.unpack(f"<{len(field) // 8}Q", field[: len(field) // 8 * 8]))
    try:
        first, second, third = (next(wide) if value == _UNKNOWN32 else value for value in values)
    except RuntimeError:
        raise WheelError("It says that it is large, and not how large.") from None
    return first, second, third


def _located(file: BinaryIO, raw: bytes, member: Member) -> Member:
    header = _read(file, member.offset, 30 + len(raw))
    signature, method, name_size, extra_size = _LOCAL_FORM.unpack_from(header)
    if signature != _LOCAL or method != member.method or name_size != len(raw) or header[30:] != raw:
        raise WheelError(f"`{member.name}` stands in its table of contents, and another file is in that place.")
    offset = member.offset + 30 + name_size + extra_size
    return Member(member.name, member.method, member.crc, member.packed, member.size, offset, member.mode)


def _check(members: tuple[Member, ...], end: int) -> None:
    """Every name once, and no byte in two files."""
    names = [member.name for member in members]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise WheelError(f"`{twice}` is in it more than once.")
    reached = 0
    for member in sorted(members, key=lambda member: member.offset):
        if member.offset < reached or member.offset + member.packed > end:
            raise WheelError(f"`{member.name}` in it shares bytes with another file, or goes beyond its end.")
        reached = member.offset + member.packed


def _read(file: BinaryIO, offset: int, size: int) -> bytes:
    if offset < 0:
        raise WheelError("It ends too early.")
    content = os.pread(file.fileno(), size, offset)
    if len(content) != size:
        raise WheelError("It ends too early.")
    return content
