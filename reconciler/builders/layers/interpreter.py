"""Which Python a base image has, by what is in its layers; nothing of the image is run."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from reconciler.builders.layers.base_files import BaseFiles
from reconciler.builders.layers.elf import read_interpreter
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern

_USUAL = ("/usr/local/bin", "/usr/bin", "/bin", "/opt/conda/bin", "/opt/venv/bin")
_VERSIONED = lazy_pattern(r"python(3\.\d+)")
_GLIBC = lazy_pattern(rb"GNU C Library [^\n]{0,120}? version (2\.\d+)")
_MUSL = lazy_pattern(rb"\0(1\.[12])\.\d+\0")
_MACHINES = {62: "amd64", 183: "arm64", 3: "386", 40: "arm", 21: "ppc64le", 22: "s390x", 243: "riscv64"}


@dataclass(frozen=True, slots=True)
class FoundPython:
    """An interpreter in an image: its real path, X.Y, where its library is, and the C library under it.

    `machine` is spelled as in platforms; `libc` is `glibc` or `musl`, `libc_version` X.Y or empty.
    """

    path: str
    version: str
    library: str
    machine: str
    libc: str
    libc_version: str


@dataclass(frozen=True, slots=True)
class BaseFacts:
    """What layers need to know of a base image; `glibc` is X.Y, and empty where there is none, or another C library.

    `packages` are names of what its own Pythons have, as far as that was looked at.
    """

    pythons: tuple[FoundPython, ...]
    libraries: frozenset[str]
    links: Mapping[str, str]
    installed: Mapping[str, tuple[str, ...]]
    glibc: str = ""
    packages: tuple[str, ...] = ()

    def python(self, version: str) -> FoundPython | None:
        """The interpreter for X.Y; without a version, the one that is found first."""
        return next((it for it in self.pythons if version in ("", it.version)), None)


def base_facts(files: BaseFiles, search_path: str) -> BaseFacts:
    """What is in a base image whose `PATH` this is."""
    return BaseFacts(
        pythons=tuple(_pythons(files, search_path)),
        libraries=frozenset(_libraries(files)),
        links={path: link for path in ("/opt", "/opt/env") if (link := files.links.get(path))},
        installed=files.installed,
        glibc=_libc_version(files, "ld-linux"),
        packages=tuple(files.packages),
    )


def _pythons(files: BaseFiles, search_path: str) -> Iterator[FoundPython]:
    """Each Python X.Y once, in the order in which a shell would find them."""
    seen: set[str] = set()
    folders = [*filter(None, search_path.split(":")), *_USUAL]
    for folder in dict.fromkeys(map(posixpath.normpath, folders)):
        names = sorted(files.names(folder), key=_preference)
        for name in names:
            if not re.fullmatch(r"python3?|python3\.\d+", name):
                continue
            found = _python(files, files.real(f"{folder}/{name}"))
            if found and found.version not in seen:
                seen.add(found.version)
                yield found


def _preference(name: str) -> tuple[int, int]:
    """`python3` before `python` before versioned names, the newest first."""
    match = _VERSIONED.fullmatch(name)
    return ({"python3": 0, "python": 1}.get(name, 2), -int(match[1].partition(".")[2]) if match else 0)


def _python(files: BaseFiles, path: str) -> FoundPython | None:
    match = _VERSIONED.fullmatch(posixpath.basename(path))
    program = read_interpreter(files.heads.get(path, b""))
    if match is None or program is None:
        return None
    prefix = posixpath.dirname(posixpath.dirname(path))
    version = match[1]
    for folder in ("lib", "lib64"):
        library = f"{prefix}/{folder}/python{version}"
        if files.has(files.real(f"{library}/os.py")):
            break
    else:
        return None
    machine, loader = program
    libc = "musl" if "ld-musl" in loader else "glibc"
    return FoundPython(path, version, library, _MACHINES.get(machine, ""), libc, _libc_version(files, loader))


def _libc_version(files: BaseFiles, loader: str) -> str:
    pattern = _MUSL if "ld-musl" in loader else _GLIBC
    for path, content in sorted(files.libcs.items()):
        if ("musl" in path) == ("ld-musl" in loader) and (match := pattern.search(content)):
            return match[1].decode()
    return ""


def _libraries(files: BaseFiles) -> Iterator[str]:
    """The names of all shared libraries where the dynamic loader may look for them."""
    for path in files.libraries:
        yield posixpath.basename(path)
