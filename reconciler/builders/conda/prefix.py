"""Packages hold the path of the folder that they were built in; it becomes that of the folder they are put into."""

from __future__ import annotations

import os
import re
from pathlib import Path

from reconciler.builders.conda.package import CondaError

_LONGEST = 127  # some kernels read no more of a first line


def replace_in(file: Path, placeholder: str, prefix: str, *, text: bool) -> None:
    """Change a file; when it was last written is not changed, for compiled Python files tell it of their source."""
    old, new = placeholder.encode(), prefix.encode()
    if not text and len(new) > len(old):
        raise CondaError(f"`{file.name}` in it leaves no room for the path `{prefix}`.")
    before, times = file.read_bytes(), file.stat()
    after = _startable(before.replace(old, new), new) if text else _in_strings(before, old, new)
    if after != before:
        mode = times.st_mode
        file.unlink()  # other names of the same file are not meant
        file.write_bytes(after)
        file.chmod(mode)
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def _startable(content: bytes, prefix: bytes) -> bytes:
    """A program whose first line no kernel could use, for its length or for a space, is found by PATH instead."""
    line, end, rest = content.partition(b"\n")
    program = re.match(rb"#!\s*" + re.escape(prefix) + rb"/(?:\S*/)?([^/\s]+)(.*)", line)
    if program is None or (len(line) <= _LONGEST and b" " not in prefix):
        return content
    split = b"-S " if program[2].strip() else b""
    return b"#!/usr/bin/env " + split + program[1] + program[2] + end + rest


def _in_strings(content: bytes, old: bytes, new: bytes) -> bytes:
    """In each text that ends with a zero, as in C, all occurrences; zeros behind it keep everything in its place."""
    room = len(old) - len(new)

    def shortened(found: re.Match[bytes]) -> bytes:
        return found[0].replace(old, new) + bytes(room * found[0].count(old))

    return re.sub(re.escape(old) + rb"[^\0]*(?=\0|\Z)", shortened, content)
