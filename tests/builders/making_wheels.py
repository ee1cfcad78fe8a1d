"""Wheels for tests: real ones from the package index, and tiny ones that say what they are to say."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.model.definition import Artefact
from reconciler.model.digest import Digest
from tests.builders.debian import cache
from tests.services.wants import missing

_WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux1_x86_64")


@dataclass(frozen=True)
class TinyWheel:
    """What a wheel is to hold; RECORD is made for it, and everything can be said otherwise."""

    files: Mapping[str, bytes | str]
    name: str = "tiny"
    version: str = "1.0"
    programs: tuple[str, ...] = ()
    stored: tuple[str, ...] = ()
    entry_points: str = ""
    wheel: str = _WHEEL
    metadata: str = ""
    more: Mapping[str, bytes | str] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        """The wheel as a file."""
        info = f"{self.name}-{self.version}.dist-info"
        content: dict[str, bytes | str] = {
            **self.files,
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {self.name}\nVersion: {self.version}\n{self.metadata}",
            f"{info}/WHEEL": self.wheel,
        }
        if self.entry_points:
            content[f"{info}/entry_points.txt"] = self.entry_points
        packed = {name: it.encode() if isinstance(it, str) else it for name, it in content.items()}
        packed[f"{info}/RECORD"] = _record(packed, f"{info}/RECORD")
        packed |= {name: it.encode() if isinstance(it, str) else it for name, it in self.more.items()}
        path = folder / f"{self.name}-{self.version}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, it in packed.items():
                entry = zipfile.ZipInfo(name)
                entry.external_attr = (0o100755 if name in self.programs else 0o100644) << 16
                entry.compress_type = zipfile.ZIP_STORED if name in self.stored else zipfile.ZIP_DEFLATED
                archive.writestr(entry, it)
        return path


def artefact(path: Path) -> Artefact:
    """A wheel on disk as it stands in a lock."""
    name, version = path.name.split("-")[:2]
    normal = re.sub(r"[-_.]+", "-", name).lower()
    return Artefact(normal, version, path.as_uri(), Digest.of(path.read_bytes()), path.stat().st_size)


def index_wheels(requirements: Iterable[str]) -> list[Path]:
    """Wheels for the Python of the Debian base, as pip's own set-up finds them; kept from then on."""
    return [_index_wheel(requirement) for requirement in requirements]


def _index_wheel(requirement: str) -> Path:
    folder = cache() / "wheels" / requirement
    if not folder.is_dir():
        partial = folder.with_name(f".{requirement}.{hash(folder)}")
        platforms = [word for platform in _PLATFORMS for word in ("--platform", platform)]
        target = ["--python-version", "3.11", "--implementation", "cp", "--only-binary", ":all:", *platforms]
        command = [sys.executable, "-m", "pip", "download", "-qq", "--no-deps", *target, "--dest"]
        done = subprocess.run([*command, str(partial), requirement], check=False, capture_output=True, text=True)
        if done.returncode:
            missing("package index", f"it has no wheel for {requirement}, or cannot be reached")
        partial.rename(folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _record(files: Mapping[str, bytes], own: str) -> bytes:
    rows = [(name, f"sha256={_hash(content)}", len(content)) for name, content in files.items()]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([*rows, (own, "", "")])
    return text.getvalue().encode()


def _hash(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
