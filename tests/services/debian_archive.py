"""A Debian archive in a folder, with packages of a few files, and an apt that knows no other."""

from __future__ import annotations

import hashlib
import io
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.builders.small_bases import LIBC, PYTHON
from tests.services.wants import require

# Whatever a base image has in any case, and a Python that is found and never run.
_PLAIN = (
    "base-passwd", "bash", "coreutils", "dash", "libc-bin",
    "libexpat1", "libgcc-s1", "libgomp1", "libstdc++6", "zlib1g",
)  # fmt: skip
_OS_RELEASE = b'ID=debian\nVERSION_ID="12"\n'


@dataclass
class DebianArchive:
    """`add` puts a package in, in the place of an older one; `publish` makes the lists that apt reads."""

    folder: Path
    suite: str = "bookworm"
    _stanzas: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require("apt-get")
        require("dpkg-deb")
        (self.folder / "pool").mkdir(parents=True)
        for name in _PLAIN:
            self.add(name, {f"usr/share/doc/{name}/copyright": b"free\n"})
        self.add("base-files", {"etc/os-release": _OS_RELEASE})
        self.add("libc6", LIBC)
        self.add("python3.11-minimal", {name: it for name, it in PYTHON.items() if name not in LIBC}, needs="libc6")
        self.add("python3", {}, needs="python3.11-minimal", links={"usr/bin/python3": "python3.11"})
        self.publish()

    def add(
        self,
        name: str,
        files: Mapping[str, bytes],
        version: str = "1.0-1",
        needs: str = "",
        links: Mapping[str, str] | None = None,
    ) -> Path:
        """The file of a package."""
        control = f"Package: {name}\nVersion: {version}\nArchitecture: amd64\nMaintainer: Test <test@example.test>\n"
        control += f"Depends: {needs}\n" if needs else ""
        control += f"Description: {name}\n"
        for old in (self.folder / "pool").glob(f"{name}_*.deb"):
            old.unlink()
        path = self.folder / "pool" / f"{name}_{version.replace(':', '%3a')}_amd64.deb"
        path.write_bytes(_deb(control, files, links or {}))
        data = path.read_bytes()
        self._stanzas[name] = (
            f"{control}Filename: pool/{path.name}\nSize: {len(data)}\nSHA256: {hashlib.sha256(data).hexdigest()}\n"
        )
        return path

    def remove(self, name: str) -> None:
        """There is no such package any more."""
        del self._stanzas[name]

    def publish(self) -> None:
        """What was added is there from now on."""
        lists = self.folder / "dists" / self.suite / "main" / "binary-amd64" / "Packages"
        lists.parent.mkdir(parents=True, exist_ok=True)
        lists.write_text("\n".join(self._stanzas[name] for name in sorted(self._stanzas)))
        data = lists.read_bytes()
        told = f"Origin: Debian\nSuite: {self.suite}\nCodename: {self.suite}\nArchitectures: amd64\nComponents: main\n"
        told += f"Date: Sat, 01 Jan 2022 00:00:{len(data) % 60:02d} UTC\n"
        told += f"SHA256:\n {hashlib.sha256(data).hexdigest()} {len(data)} main/binary-amd64/Packages\n"
        (self.folder / "dists" / self.suite / "Release").write_text(told)

    def apt_config(self) -> Path:
        """The file that APT_CONFIG names."""
        sources = self.folder / "sources.list"
        sources.write_text(f"deb [trusted=yes] file:{self.folder} {self.suite} main\n")
        config = self.folder / "apt.conf"
        config.write_text(f'Dir::Etc::sourcelist "{sources}";\nDir::Etc::sourceparts "/dev/null";\n')
        return config


def _deb(control: str, files: Mapping[str, bytes], links: Mapping[str, str]) -> bytes:
    members = (
        ("debian-binary", b"2.0\n"),
        ("control.tar.gz", _tar({"control": control.encode()}, {})),
        ("data.tar.gz", _tar(files, links)),
    )
    out = b"!<arch>\n"
    for name, content in members:
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n".encode() + content
        out += b"\n" * (len(content) % 2)
    return out


def _tar(files: Mapping[str, bytes], links: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.GNU_FORMAT) as archive:
        for name, target in links.items():
            entry = tarfile.TarInfo(f"./{name}")
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
        for name, content in files.items():
            entry = tarfile.TarInfo(f"./{name}")
            entry.size, entry.mode, entry.mtime = len(content), 0o755 if "/bin/" in name else 0o644, 1700000000
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def listed(blob: bytes) -> list[str]:
    """The paths in a layer."""
    done = subprocess.run([str(require("tar")), "--gzip", "--list"], check=True, input=blob, capture_output=True)
    return done.stdout.decode().splitlines()
