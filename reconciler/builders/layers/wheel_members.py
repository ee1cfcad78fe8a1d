"""What a file in a wheel may be, before anything of it is read."""

from __future__ import annotations

import stat

from reconciler.builders.layers.zip_directory import DEFLATED, STORED, Member, WheelError

_LONGEST_NAME = 255
_NO_PARTS = frozenset({"", ".", ".."})


def check_member(member: Member) -> None:
    """Refuse links, paths that lead elsewhere, what deletes files in layers, and unusual ways of packing."""
    name = member.name
    parts = name.removesuffix("/").split("/")
    if "\0" in name or not _NO_PARTS.isdisjoint(parts):
        raise WheelError(f"`{name!r}` in it is no path below a folder.")
    short = len(name) <= _LONGEST_NAME and name.isascii()
    if not short and max(len(part.encode()) for part in parts) > _LONGEST_NAME:
        raise WheelError(
            f"`{name}` in it has a name of more than {_LONGEST_NAME} bytes, which no file system can keep."
        )
    if ".wh." in name and any(part.startswith(".wh.") for part in parts):
        raise WheelError(f"`{name}` in it is spelled like what deletes files in image layers.")
    if stat.S_IFMT(member.mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise WheelError(f"`{name}` in it is a symbolic link or a special file, which wheels may not hold.")
    if member.method not in (STORED, DEFLATED):
        raise WheelError(f"`{name}` in it is packed by method {member.method}; wheels are stored or deflated.")
    if member.method == STORED and member.packed != member.size:
        raise WheelError(f"`{name}` in it is stored, and has two sizes.")
    if member.is_folder and member.size:
        raise WheelError(f"`{name}` in it is a folder that has content.")
