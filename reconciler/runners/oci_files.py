"""A folder that stands for the root of an image: paths lead nowhere out of it, whatever links lie in it."""

from __future__ import annotations

import os
import posixpath
import shutil
import stat
import tarfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from reconciler.oci.strict_json import ContentError

_MOST_LINKS = 40
_PIECE = 1 << 20
_XATTR = "SCHILY.xattr."


class RootFolder:
    """Layers are put here one after the other; nobody else may write to it meanwhile.

    Only root can give files to others; elsewhere all belongs to whoever unpacks.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._owning = os.geteuid() == 0
        self._real: dict[str, str] = {}
        self._fresh: set[str] = set()
        self._folders: dict[str, tarfile.TarInfo] = {}

    def begin_layer(self) -> None:
        """What comes from now on lies above all that came before."""
        self._fresh.clear()

    def put(self, member: tarfile.TarInfo, content: Callable[[], BinaryIO | None]) -> None:
        """One entry of a layer, over what was there before. ContentError where it cannot be meant."""
        parts = _parts(member.name)
        if not parts:
            if member.isdir():
                self._folders[""] = member
            return
        parent = self._made_real("/".join(parts[:-1]))
        name = parts[-1]
        if name == ".wh..wh..opq":
            self._hide_below(parent)
        elif name.startswith(".wh."):
            if name[4:] in ("", ".", ".."):
                raise ContentError(f"The whiteout `{member.name}` hides nothing that has a name.")
            self._hide(_joined(parent, name[4:]))
        else:
            self._write(_joined(parent, name), member, content)

    def finish(self) -> None:
        """Folders get modes and times last: with some modes nothing could be written, and writing changes the times."""
        for path, member in sorted(self._folders.items(), reverse=True):
            self._describe(path, member)

    def _write(self, path: str, member: tarfile.TarInfo, content: Callable[[], BinaryIO | None]) -> None:
        place = self._at(path)
        if member.ischr() or member.isblk():
            return  # a container has devices of its own
        if member.isdir():
            self._make_folder(path)
            self._folders[path] = member
        else:
            source = self._linked(member) if member.islnk() else ""
            if source == path:
                return
            self._remove(path)
            if member.issym():
                Path(place).symlink_to(member.linkname)
            elif member.islnk():
                os.link(self._at(source), place, follow_symlinks=False)
            elif member.isfifo():
                os.mkfifo(place)
            else:
                self._write_file(place, member, content())
            if not (member.islnk() or member.isreg()):
                self._describe(path, member)
        self._mark_fresh(path)

    def _write_file(self, place: str, member: tarfile.TarInfo, content: BinaryIO | None) -> None:
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            if content is not None:
                shutil.copyfileobj(content, file, _PIECE)
            file.flush()
            if self._owning:
                if member.uid or member.gid:
                    os.fchown(file.fileno(), member.uid, member.gid)
                self._set_attributes(place, member)
            os.fchmod(file.fileno(), stat.S_IMODE(member.mode))
            os.utime(file.fileno(), _times(member))

    def _make_folder(self, path: str) -> None:
        place = self._at(path)
        if not _is_folder(place):
            self._remove(path)
            Path(place).mkdir(0o755)

    def _describe(self, path: str, member: tarfile.TarInfo) -> None:
        place = self._at(path)
        if self._owning:
            os.chown(place, member.uid, member.gid, follow_symlinks=False)
            self._set_attributes(place, member)
        if not member.issym():
            Path(place).chmod(stat.S_IMODE(member.mode))
        os.utime(place, _times(member), follow_symlinks=False)

    def _set_attributes(self, place: str, member: tarfile.TarInfo) -> None:
        for key, value in member.pax_headers.items():
            if key.startswith(_XATTR):
                with suppress(OSError):  # a file system without them loses what it cannot keep, as in other tools
                    os.setxattr(
                        place, key.removeprefix(_XATTR), value.encode(errors="surrogateescape"), follow_symlinks=False
                    )

    def _linked(self, member: tarfile.TarInfo) -> str:
        parts = _parts(member.linkname)
        parent = self._made_real("/".join(parts[:-1])) if parts else ""
        path = _joined(parent, parts[-1]) if parts else ""
        try:
            found = os.lstat(self._at(path))
        except FileNotFoundError:
            raise ContentError(f"`{member.name}` is a link to `{member.linkname}`, which is not there.") from None
        if stat.S_ISDIR(found.st_mode):
            raise ContentError(f"`{member.name}` is a hard link to the folder `{member.linkname}`.")
        return path

    def _made_real(self, path: str) -> str:
        """Where a path of folders leads; what lacks on the way is made."""
        if (known := self._real.get(path)) is None:
            known = self._real[path] = followed(self.folder, path, self._pass_through)
        return known

    def _pass_through(self, path: str) -> None:
        self._make_folder(path)
        self._fresh.add(path)

    def _hide(self, path: str) -> None:
        if path not in self._fresh:
            self._remove(path)
        elif _is_folder(self._at(path)):
            self._hide_below(path)

    def _hide_below(self, path: str) -> None:
        """A layer hides what lies below it, and never its own files, wherever in it the mark stands."""
        for name in self._names(path):
            self._hide(_joined(path, name))

    def _names(self, path: str) -> Iterator[str]:
        with os.scandir(self._at(path)) as entries:
            names = [entry.name for entry in entries]
        yield from names

    def _remove(self, path: str) -> None:
        place = self._at(path)
        try:
            found = os.lstat(place)
        except FileNotFoundError:
            return
        if stat.S_ISDIR(found.st_mode):
            shutil.rmtree(place)
            inside = f"{path}/"
            self._folders = {it: one for it, one in self._folders.items() if it != path and not it.startswith(inside)}
            self._fresh = {it for it in self._fresh if not it.startswith(inside)}
        else:
            Path(place).unlink()
        if stat.S_ISDIR(found.st_mode) or stat.S_ISLNK(found.st_mode):
            self._real.clear()

    def _mark_fresh(self, path: str) -> None:
        while path and path not in self._fresh:
            self._fresh.add(path)
            path = posixpath.dirname(path)

    def _at(self, path: str) -> str:
        return f"{self.folder}/{path}"  # a text: this is asked for each of very many files


def followed(root: Path, path: str, visit: Callable[[str], None]) -> str:
    """Where a path leads inside a root, links followed as if it were `/`; `visit` sees each name that is no link."""
    waiting, position, links = _parts(path, climbs=True)[::-1], "", 0
    while waiting:
        part = waiting.pop()
        if part == "..":
            position = posixpath.dirname(position)
            continue
        position = _joined(position, part)
        place = root / position
        if not place.is_symlink():
            visit(position)
            continue
        links += 1
        if links > _MOST_LINKS:
            raise ContentError(f"The links on the way to `{path}` go round in a circle.")
        target = str(place.readlink())
        position = "" if target.startswith("/") else posixpath.dirname(position)
        waiting.extend(_parts(target, climbs=True)[::-1])
    return position


def _parts(path: str, *, climbs: bool = False) -> list[str]:
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if not climbs and ".." in parts:
        raise ContentError(f"The path `{path}` leads upwards, and what lies above is none of its business.")
    return parts


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _is_folder(place: str) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(place).st_mode)
    except FileNotFoundError:
        return False


def _times(member: tarfile.TarInfo) -> tuple[int, int]:
    moment = max(0, int(member.mtime))
    return moment, moment
