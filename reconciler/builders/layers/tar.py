"""Headers of tar archives: ustar, with a pax record only where a name or a size asks for one."""

from __future__ import annotations

import struct

BLOCK = 512
END = bytes(2 * BLOCK)
FILE, LINK, FOLDER = b"0", b"2", b"5"
TIME = 315532800  # 1980-01-01: some programs refuse files that are older
_LARGEST = 8 << 30
_FORM = struct.Struct("100s8s8s8s12s12s8s1s100s6s2s32s32s8s8s155s12x")
_BLANK = b" " * 8


def header(path: str, mode: int, size: int = 0, kind: bytes = FILE, link: str = "", time: int = TIME) -> bytes:
    """All blocks that stand before a file's content. A folder's path ends with a slash; nobody owns anything."""
    name, prefix, records = _split(path.encode())
    target = link.encode()
    if len(target) > 100:
        records, target = records | {"linkpath": link}, target[:100]
    if size >= _LARGEST:
        records["size"] = str(size)
    before = b"".join(_record(key, value) for key, value in sorted(records.items()))
    shown = 0 if size >= _LARGEST else size
    block = _block(name, prefix, mode, shown, kind, target, time)
    if not before:
        return block
    return _block(b"././@PaxHeader", b"", 0o644, len(before), b"x", b"") + before + padding(len(before)) + block


def padding(size: int) -> bytes:
    """What fills the last block of a content of this size."""
    return bytes(-size % BLOCK)


def _split(path: bytes) -> tuple[bytes, bytes, dict[str, str]]:
    """Name and prefix; and a record for a path that fits into neither or is not plain ASCII."""
    if path.isascii():
        if len(path) <= 100:
            return path, b"", {}
        slash = path.rfind(b"/", 0, 156)
        while slash > 0 and len(path) - slash - 1 <= 100:
            if len(path) - slash - 1 > 0:
                return path[slash + 1 :], path[:slash], {}
            slash = path.rfind(b"/", 0, slash)
    plain = path.decode().encode("ascii", "replace")
    return plain[:100], b"", {"path": path.decode()}


def _record(key: str, value: str) -> bytes:
    text = f" {key}={value}\n".encode()
    size = len(text) + 1
    while size != len(text) + len(str(size)):
        size = len(text) + len(str(size))
    return str(size).encode() + text


def _block(name: bytes, prefix: bytes, mode: int, size: int, kind: bytes, link: bytes, time: int = TIME) -> bytes:
    fields = (b"%07o\0" % mode, b"0000000\0", b"0000000\0", b"%011o\0" % size, b"%011o\0" % time)
    rest = (kind, link, b"ustar\0", b"00", b"", b"", b"0000000\0", b"0000000\0", prefix)
    block = _FORM.pack(name, *fields, _BLANK, *rest)
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]
