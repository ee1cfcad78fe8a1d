"""Packages hold the path of the folder that they were built in; in an image it becomes that of ours."""

from __future__ import annotations

import os
import re
from pathlib import Path

from reconciler.builders.conda.package import CondaError
from reconciler.builders.layers.target import PREFIX


def replace_in(file: Path, placeholder: str, *, text: bool) -> None:
    """Change a file; when it was last written is not changed, for compiled Python files tell it of their source."""
    old, new = placeholder.encode(), PREFIX.encode()
    if not text and len(new) > len(old):
        raise CondaError(f"`{file.name}` in it leaves no room for the path `{PREFIX}`.")
    before, times = file.read_bytes(), file.stat()
    after = before.replace(old, new) if text else _in_strings(before, old, new)
    if after != before:
        mode = times.st_mode
        file.unlink()  # other names of the same file are not meant
        file.write_bytes(after)
        file.chmod(mode)
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def _in_strings(content: bytes, old: bytes, new: bytes) -> bytes:
    """In each text that ends with a zero, as in C, all occurrences; zeros behind it keep everything in its place."""
    room = len(old) - len(new)

    def shortened(found: re.Match[bytes]) -> bytes:
        return found[0].replace(old, new) + bytes(room * found[0].count(old))

    return re.sub(re.escape(old) + rb"[^\0]*(?=\0|\Z)", shortened, content)
