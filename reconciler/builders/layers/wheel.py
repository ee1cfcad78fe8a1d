"""A wheel on disk: its files, each read once and checked while it is read."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Self

from reconciler.builders.layers import inflating
from reconciler.builders.layers.inflating import Inflate
from reconciler.builders.layers.wheel_members import check_member
from reconciler.builders.layers.wheel_metadata import (
    RecordRow,
    metadata_fields,
    read_entry_points,
    read_record,
    stated_hashes,
)
from reconciler.builders.layers.zip_directory import DEFLATED, Member, WheelError, read_directory

_CHUNK = 1 << 18
_WHOLE = 4 * _CHUNK
_LARGEST_METADATA = 64 << 20


class Wheel:
    """The content of one wheel; WheelError says what is wrong with it, be it in its table or in a stream.

    A shared layer is made from hundreds of wheels, so the file can be let go of at any time, and is opened when read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: BinaryIO | None = None
        self.members: dict[str, Member] = {}

    def read_table(self) -> None:
        """Learn what is in it."""
        self.members = {member.name: member for member in read_directory(self._file)}
        for member in self.members.values():
            check_member(member)

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """The wheel at a path, closed when the block ends."""
        wheel = cls(path)
        try:
            wheel.read_table()
            yield wheel
        finally:
            wheel.let_go()

    def let_go(self) -> None:
        """Close the file until something is read again."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @property
    def _file(self) -> BinaryIO:
        if self._opened is None:
            self._opened = self._path.open("rb")
        return self._opened

    @cached_property
    def info(self) -> str:
        """The name of its one `.dist-info` folder."""
        tops = {name.split("/", 1)[0] for name in self.members if "/" in name}
        found = sorted(top for top in tops if top.endswith(".dist-info"))
        if len(found) != 1:
            raise WheelError(f"It must have one `.dist-info` folder, and has {len(found)}.")
        return found[0]

    @cached_property
    def name(self) -> str:
        """What it calls itself, as its metadata spells it."""
        return self._metadata.get("name", [""])[0] or self.info.partition("-")[0]

    @property
    def pythons(self) -> str:
        """For which Pythons it says that it is; empty where it says nothing."""
        return self._metadata.get("requires-python", [""])[0]

    @cached_property
    def _metadata(self) -> dict[str, list[str]]:
        return metadata_fields(self.text("METADATA"))

    def check_identity(self, wanted: str, version: str) -> None:
        """Refuse a wheel of another package, or of another version than its file says; an empty version is any."""
        named, versioned = (self._metadata.get(field, [""])[0] for field in ("name", "version"))
        for found in (self.info.partition("-")[0], named):
            if found and _canonical(found) != _canonical(wanted):
                raise WheelError(f"It holds the package `{found}`.")
        if version and not _is_version(versioned, version):
            raise WheelError(f"It is called version `{version}`, and its `METADATA` says `{versioned}`.")

    @cached_property
    def fields(self) -> dict[str, list[str]]:
        """What `WHEEL` says, of a wheel of a version that is understood."""
        fields = metadata_fields(self.text("WHEEL"))
        version = fields.get("wheel-version", [""])[0]
        if not re.fullmatch(r"1(\.\d+)*", version):
            raise WheelError(f"It is of wheel version `{version}`, and only versions 1.x are understood.")
        return fields

    @property
    def is_pure(self) -> bool:
        """Whether its root goes to the folder for pure Python."""
        return self.fields.get("root-is-purelib", [""])[0].lower() == "true"

    @cached_property
    def record(self) -> tuple[RecordRow, ...]:
        """The rows of `RECORD`, as they stand there."""
        return read_record(self.text("RECORD"))

    @cached_property
    def hashes(self) -> dict[str, tuple[str, bytes]]:
        """By name of a file, the algorithm and the digest that `RECORD` states; weak algorithms are left out."""
        return stated_hashes(self.record)

    @property
    def entry_points(self) -> dict[str, dict[str, str]]:
        """By section, what each name calls."""
        return read_entry_points(self.text("entry_points.txt", missing=""))

    def text(self, name: str, missing: str | None = None) -> str:
        """A file of the `.dist-info` folder."""
        member = self.members.get(f"{self.info}/{name}")
        if member is None:
            if missing is None:
                raise WheelError(f"Its `{name}` is missing.")
            return missing
        try:
            return self.read(member).decode()
        except UnicodeDecodeError as cause:
            raise WheelError(f"Its `{name}` is not UTF-8.") from cause

    def read(self, member: Member) -> bytes:
        """All of a small file."""
        if member.size > _LARGEST_METADATA:
            raise WheelError(f"`{member.name}` in it is too large for what it is.")
        return b"".join([data for _, data in self.stream(member)])

    def begins(self, member: Member, head: bytes) -> bool:
        """Whether a file begins with some bytes."""
        return next(self.stream(member), (b"", b""))[1].startswith(head)

    def stream(self, member: Member) -> Iterator[tuple[bytes, bytes]]:
        """Packed bytes with what they unpack to, piece by piece; complete only when nothing was wrong."""
        if member.packed <= _CHUNK and member.size <= _WHOLE:
            return iter((self._whole(member),))
        return self._pieces(member)

    def _whole(self, member: Member) -> tuple[bytes, bytes]:
        """A small file in one piece, which is what nearly all are: the fewest steps for each."""
        packed = data = os.pread(self._file.fileno(), member.packed, member.offset)
        if len(packed) != member.packed:
            raise WheelError("It ends too early.")
        if member.method == DEFLATED:
            inflate = inflating.begin()
            data = _unpack(inflate, packed, member, member.size + 1)
            _check_end(inflate, member)
        _check_content(member, inflating.crc32(data), len(data))
        if stated := self._stated(member):
            _check_hash(member, hashlib.new(stated[0], data).digest(), stated)
        return packed, data

    def _pieces(self, member: Member) -> Iterator[tuple[bytes, bytes]]:
        inflate = inflating.begin() if member.method == DEFLATED else None
        stated = self._stated(member)
        hasher = hashlib.new(stated[0]) if stated else None
        crc = size = 0
        for packed, data in self._inflated(member, inflate):
            crc, size = inflating.crc32(data, crc), size + len(data)
            if hasher:
                hasher.update(data)
            if size > member.size:
                break
            yield packed, data
        if inflate:
            _check_end(inflate, member)
        _check_content(member, crc, size)
        if hasher and stated:
            _check_hash(member, hasher.digest(), stated)

    def _stated(self, member: Member) -> tuple[str, bytes] | None:
        """What `RECORD` says of a file; of itself it can say nothing."""
        return None if member.name.startswith(f"{self.info}/RECORD") else self.hashes.get(member.name)

    def _inflated(self, member: Member, inflate: Inflate | None) -> Iterator[tuple[bytes, bytes]]:
        self._file.seek(member.offset)
        left = member.packed
        while left:
            packed = self._file.read(min(_CHUNK, left))
            if not packed:
                raise WheelError("It ends too early.")
            left -= len(packed)
            if inflate is None:
                yield packed, packed
                continue
            rest = packed
            while rest:  # a crafted stream may unpack to a thousand times its size
                data = _unpack(inflate, rest, member, _WHOLE)
                yield packed, data
                packed, rest = b"", inflate.unconsumed_tail
            while not inflate.eof and (data := _unpack(inflate, b"", member, _WHOLE)):
                yield b"", data


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _is_version(found: str, wanted: str) -> bool:
    """Whether two spellings are one version, as pip has it."""
    from packaging.version import InvalidVersion, Version

    try:
        return Version(found) == Version(wanted)
    except InvalidVersion:
        return found == wanted


def _unpack(inflate: Inflate, packed: bytes, member: Member, most: int) -> bytes:
    try:
        return inflate.decompress(packed, most)
    except inflating.DamagedError as cause:
        raise WheelError(f"`{member.name}` in it is damaged: {cause}.") from cause


def _check_end(inflate: Inflate, member: Member) -> None:
    if not inflate.eof or inflate.unused_data:
        raise WheelError(_damaged(member))


def _check_content(member: Member, crc: int, size: int) -> None:
    if (crc, size) != (member.crc, member.size):
        raise WheelError(_damaged(member))


def _damaged(member: Member) -> str:
    return f"`{member.name}` in it is damaged: it does not unpack to what the wheel says."


def _check_hash(member: Member, found: bytes, stated: tuple[str, bytes]) -> None:
    if found != stated[1]:
        raise WheelError(f"`{member.name}` in it has another hash than the wheel's own `RECORD` says.")
