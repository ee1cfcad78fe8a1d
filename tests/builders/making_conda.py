"""Channels of a few small packages, as folders: made as conda-build makes them, or as nobody should."""

from __future__ import annotations

import bz2
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PLACEHOLDER = "/opt/" + "placehold_" * 25
_FOLDERS = ("linux-64", "noarch")


@dataclass
class Package:
    """`prefixed` names the files that hold the placeholder, with `text` or `binary`; `listed` adds to `paths.json`."""

    name: str
    version: str = "1.0"
    build: str = "0"
    files: Mapping[str, bytes] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    hard_links: Mapping[str, str] = field(default_factory=dict)
    prefixed: Mapping[str, str] = field(default_factory=dict)
    programs: Sequence[str] = ()
    depends: Sequence[str] = ()
    constrains: Sequence[str] = ()
    noarch: str = ""
    points: Sequence[str] = ()
    listed: Sequence[Mapping[str, object]] = ()
    timestamp: int = 1700000000000
    placeholder: str = PLACEHOLDER
    number: int = 0

    @property
    def folder(self) -> str:
        return "noarch" if self.noarch else "linux-64"

    @property
    def title(self) -> str:
        return f"{self.name}-{self.version}-{self.build}"

    @property
    def index(self) -> dict[str, object]:
        kind = {"noarch": self.noarch} if self.noarch else {}
        return {
            "name": self.name, "version": self.version, "build": self.build, "build_number": self.number,
            "depends": list(self.depends), "constrains": list(self.constrains), "subdir": self.folder,
            "license": "MIT", "timestamp": self.timestamp, **kind,
        }  # fmt: skip


@dataclass
class Channel:
    """A folder that is a channel."""

    folder: Path

    def __post_init__(self) -> None:
        self.tables: dict[str, dict[str, object]] = {name: {} for name in _FOLDERS}
        self.write()

    def add(self, package: Package, ending: str = ".conda") -> Path:
        """Put a package in; the table says what is true of it."""
        path = self.folder / package.folder / f"{package.title}{ending}"
        path.write_bytes(packed(package) if ending == ".conda" else bz2.compress(_tar(package, ("info", "pkg"))))
        content = path.read_bytes()
        self.tables[package.folder][path.name] = {
            **package.index,
            "sha256": hashlib.sha256(content).hexdigest(),
            "md5": hashlib.md5(content).hexdigest(),
            "size": len(content),
        }
        self.write()
        return path

    def write(self) -> None:
        """The tables of all packages."""
        for name, table in self.tables.items():
            (self.folder / name).mkdir(parents=True, exist_ok=True)
            old = {title: it for title, it in table.items() if title.endswith(".tar.bz2")}
            new = {title: it for title, it in table.items() if title.endswith(".conda")}
            content = {"info": {"subdir": name}, "packages": old, "packages.conda": new, "repodata_version": 1}
            (self.folder / name / "repodata.json").write_text(json.dumps(content))


def packed(package: Package) -> bytes:
    """In the newer of the two formats: two archives, packed by zstd, in one that is not packed."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("metadata.json", '{"conda_pkg_format_version": 2}')
        archive.writestr(f"info-{package.title}.tar.zst", _zstd(_tar(package, ("info",))))
        archive.writestr(f"pkg-{package.title}.tar.zst", _zstd(_tar(package, ("pkg",))))
    return content.getvalue()


def _zstd(content: bytes) -> bytes:
    """A frame of blocks that are not compressed: every reader takes it, and no library is needed to write it."""
    blocks = [content[start : start + (1 << 17)] for start in range(0, len(content), 1 << 17)] or [b""]
    heads = [
        (len(block) << 3 | (number == len(blocks) - 1)).to_bytes(3, "little") for number, block in enumerate(blocks)
    ]
    frame = bytes.fromhex("28b52ffd") + b"\x00" + bytes([(17 - 10) << 3])
    return frame + b"".join(head + block for head, block in zip(heads, blocks, strict=True))


def _info(package: Package) -> dict[str, bytes]:
    paths: list[Mapping[str, object]] = []
    for name, content in package.files.items():
        path = {"_path": name, "path_type": "hardlink", "sha256": hashlib.sha256(content).hexdigest(),
                "size_in_bytes": len(content)}  # fmt: skip
        if name in package.prefixed:
            path |= {"file_mode": package.prefixed[name], "prefix_placeholder": package.placeholder}
        paths.append(path)
    for name, target in package.hard_links.items():
        content = package.files[target]
        paths.append({"_path": name, "path_type": "hardlink", "sha256": hashlib.sha256(content).hexdigest(),
                      "size_in_bytes": len(content)})  # fmt: skip
    empty = hashlib.sha256(b"").hexdigest()
    paths += [{"_path": name, "path_type": "softlink", "sha256": empty, "size_in_bytes": 0} for name in package.links]
    info: dict[str, object] = {
        "index": package.index, "about": {}, "paths": {"paths": [*paths, *package.listed], "paths_version": 1}
    }  # fmt: skip
    if package.noarch == "python":
        points = {"type": "python", "entry_points": list(package.points)}
        info["link"] = {"noarch": points, "package_metadata_version": 1}
    names = "".join(f"{path['_path']}\n" for path in paths)
    return {**{f"info/{name}.json": json.dumps(it).encode() for name, it in info.items()}, "info/files": names.encode()}


def _tar(package: Package, parts: Sequence[str]) -> bytes:
    content = io.BytesIO()
    files = {**(_info(package) if "info" in parts else {}), **(package.files if "pkg" in parts else {})}
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, it in files.items():
            archive.addfile(_member(name, package, size=len(it)), io.BytesIO(it))
        for kind, links in ((tarfile.LNKTYPE, package.hard_links), (tarfile.SYMTYPE, package.links)):
            for name, target in links.items() if "pkg" in parts else ():
                member = _member(name, package)
                member.type, member.linkname = kind, target
                archive.addfile(member)
    return content.getvalue()


def _member(name: str, package: Package, size: int = 0) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mtime = size, package.timestamp // 1000
    member.mode = 0o775 if name in package.programs else 0o664
    return member


def plain_packages() -> list[Package]:
    """A Python of a few files, a library that it needs, and packages for any Python."""
    library = (
        b"\x7fELF"
        + PLACEHOLDER.encode()
        + b"/share/tables\0and "
        + PLACEHOLDER.encode()
        + b":"
        + PLACEHOLDER.encode()
        + b"/x\0rest"
    )
    text = b"#!" + PLACEHOLDER.encode() + b"/bin/sh\nexec /bin/echo " + PLACEHOLDER.encode() + b' python "$@"\n'
    return [
        Package(
            "libtables", "2.1", "h1",
            files={"lib/libtables.so.2": library, "share/tables/one": b"1\n"},
            links={"lib/libtables.so": "libtables.so.2"},
            hard_links={"share/tables/two": "share/tables/one"},
            prefixed={"lib/libtables.so.2": "binary"},
            depends=["__glibc >=2.17"],
        ),
        Package(
            "python", "3.11.9", "h2_cpython",
            files={"bin/python3.11": text, "lib/python3.11/os.py": b"import this\n"},
            links={"bin/python": "python3.11", "bin/python3": "python3.11"},
            prefixed={"bin/python3.11": "text"},
            programs=["bin/python3.11"],
            depends=["libtables >=2"],
        ),
        Package(
            "greeting", "1.4", "pyh0",
            files={
                "site-packages/greeting.py": b"def main(): print('good morning')\n",
                "site-packages/greeting-1.4.dist-info/METADATA": b"Name: greeting\nVersion: 1.4\n",
                "site-packages/greeting-1.4.dist-info/RECORD":
                    b"greeting.py,,\ngreeting-1.4.dist-info/METADATA,,\ngreeting-1.4.dist-info/RECORD,,\n",
                "python-scripts/old-greeting": b"#!/bin/sh\necho old\n",
            },
            programs=["python-scripts/old-greeting"],
            noarch="python", points=["greet = greeting:main"], depends=["python >=3.8"],
        ),
    ]  # fmt: skip
