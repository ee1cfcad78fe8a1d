"""The files of Debian packages as one tar: what `dpkg` would unpack, in one order, with /usr merged."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from dataclasses import field
from typing import IO, BinaryIO

from reconciler.model.diagnostic import BuildError
from reconciler.model.frozen import dataclass

TIME = 315532800  # 1980-01-01: some programs refuse files that are older
_MERGED = ("bin", "lib", "sbin")
_MERGED_64 = {"amd64": ("lib64",)}
_WANTED = ("usr/share/base-passwd/", "usr/share/ca-certificates/")
_BUNDLE = "etc/ssl/certs/ca-certificates.crt"
# What maintainer scripts would copy, had they been run.
_COPIES = {
    "etc/passwd": "usr/share/base-passwd/passwd.master",
    "etc/group": "usr/share/base-passwd/group.master",
}
_CHUNK = 1 << 20


@dataclass(slots=True)
class Files:
    """Writes one tar. What comes first keeps its place: a second file under the same path is left out."""

    out: BinaryIO
    architecture: str
    _made: set[str] = field(default_factory=set)
    _kept: dict[str, bytes] = field(default_factory=dict)

    def begin(self) -> None:
        """The links that make `/bin` and its like parts of `/usr`, as in every Debian since bookworm."""
        for name in sorted((*_MERGED, *_MERGED_64.get(self.architecture, ()))):
            self._folders(f"usr/{name}/")
            link = _entry(name, tarfile.SYMTYPE, 0o777)
            link.linkname = f"usr/{name}"
            self._write(link)

    def add(self, package: str, archive: BinaryIO) -> None:
        """All files of a package, from the tar that it holds."""
        try:
            with tarfile.open(fileobj=archive, mode="r|") as tar:
                for member in tar:
                    self._add(package, tar, member)
        except tarfile.TarError as error:
            raise BuildError("Damaged Debian package", f"The files of `{package}` cannot be read: {error}.") from error

    def add_content(self, path: str, content: bytes, mode: int = 0o644) -> None:
        """A file of ours, with the folders that it lies in."""
        self._folders(path)
        entry = _entry(path, tarfile.REGTYPE, mode)
        entry.size = len(content)
        self._write(entry, content)

    def end(self, controls: Mapping[str, str]) -> None:
        """What scripts of the packages would have made, and what scanners ask to know which packages there are."""
        for path, source in _COPIES.items():
            if source in self._kept:
                self.add_content(path, self._kept[source])
        bundle = b"".join(text for path, text in sorted(self._kept.items()) if path.endswith(".crt"))
        if bundle:
            self.add_content(_BUNDLE, bundle)
        for package, control in sorted(controls.items()):
            self.add_content(f"var/lib/dpkg/status.d/{package}", control.encode())
        self.out.write(bytes(2 * tarfile.BLOCKSIZE))

    def _add(self, package: str, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        path = self._merged(member.name)
        if not path:
            return
        if ".." in path.split("/") or member.isdev():
            raise BuildError("Damaged Debian package", f"`{package}` holds `{member.name}`, which no package may.")
        member.name, member.uname, member.gname, member.pax_headers = path, "", "", {}
        if member.islnk():
            member.linkname = self._merged(member.linkname)
        self._folders(path)
        source = tar.extractfile(member) if member.isreg() else None
        if source and path.startswith(_WANTED):
            content = self._kept[path] = source.read()
            self._write(member, content)
        elif source:
            self._copy(member, source)
        else:
            self._write(member)

    def _copy(self, member: tarfile.TarInfo, source: IO[bytes]) -> None:
        if member.name in self._made:
            return
        self._write(member, b"")
        while chunk := source.read(_CHUNK):
            self.out.write(chunk)
        self._pad(member.size)

    def _write(self, entry: tarfile.TarInfo, content: bytes | None = None) -> None:
        if entry.name in self._made:
            return
        self._made.add(entry.name)
        self.out.write(entry.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape"))
        if content:
            self.out.write(content)
            self._pad(len(content))

    def _pad(self, size: int) -> None:
        self.out.write(bytes(-size % tarfile.BLOCKSIZE))

    def _folders(self, path: str) -> None:
        """The folders above a path that no package has brought."""
        slash = path.find("/")
        while slash > 0:
            self._write(_entry(path[:slash], tarfile.DIRTYPE, 0o755))
            slash = path.find("/", slash + 1)

    def _merged(self, name: str) -> str:
        path = "/".join(part for part in name.split("/") if part not in ("", "."))
        first, slash, rest = path.partition("/")
        if first not in (*_MERGED, *_MERGED_64.get(self.architecture, ())):
            return path
        return f"usr/{first}/{rest}" if slash else ""


def _entry(path: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(path)
    entry.type, entry.mode, entry.mtime = kind, mode, TIME
    return entry
