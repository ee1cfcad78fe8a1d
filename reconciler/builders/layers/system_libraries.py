"""The shared libraries that wheels need and nobody brings: an ImportError in production, told while building."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping
from tempfile import SpooledTemporaryFile

from reconciler.builders.layers.contents import Contents
from reconciler.builders.layers.elf import read_libraries
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern

_LIBRARY = lazy_pattern(r"\.so(\.[0-9][^/]*)?$")
_KEPT_IN_MEMORY = 8 << 20
_ALWAYS_THERE = lazy_pattern(r"ld-linux.*|ld-musl.*|ld64.*|linux-(vdso|gate)\..*|libc\.musl-.*")
# The machine's own driver has these, and puts them into containers when they start.
_OF_DRIVERS = lazy_pattern(r"libcuda\.so.*|libnvidia-.*|libnvcuvid\.so.*|libnvoptix\.so.*|libcudadebugger\.so.*")
_PYTHON = lazy_pattern(r"libpython(3\.\d+)\.so\.1\.0")
# What Debian 12 calls the packages that hold the libraries which wheels do not bring most often.
DEBIAN_PACKAGES: Mapping[str, str] = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libOpenGL.so.0": "libopengl0",
    "libGLX.so.0": "libglx0",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libX11.so.6": "libx11-6",
    "libXext.so.6": "libxext6",
    "libXrender.so.1": "libxrender1",
    "libxcb.so.1": "libxcb1",
    "libasound.so.2": "libasound2",
    "libatomic.so.1": "libatomic1",
    "libbz2.so.1.0": "libbz2-1.0",
    "libcrypt.so.1": "libcrypt1",
    "libexpat.so.1": "libexpat1",
    "libffi.so.8": "libffi8",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgcc_s.so.1": "libgcc-s1",
    "libgfortran.so.5": "libgfortran5",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgobject-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libgomp.so.1": "libgomp1",
    "libhwloc.so.15": "libhwloc15",
    "liblzma.so.5": "liblzma5",
    "libnsl.so.1": "libnsl2",
    "libnuma.so.1": "libnuma1",
    "libodbc.so.2": "unixodbc",
    "libopenblas.so.0": "libopenblas0",
    "libpq.so.5": "libpq5",
    "libsndfile.so.1": "libsndfile1",
    "libsqlite3.so.0": "libsqlite3-0",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
    "libstdc++.so.6": "libstdc++6",
    "libtbb.so.12": "libtbb12",
    "libusb-1.0.so.0": "libusb-1.0-0",
    "libuuid.so.1": "libuuid1",
    "libxml2.so.2": "libxml2",
    "libz.so.1": "zlib1g",
}


@dataclass(frozen=True, slots=True)
class MissingLibrary:
    """A library that a file of a package needs."""

    library: str
    package: str
    file: str

    @property
    def debian(self) -> str:
        """The Debian package that has it, where known."""
        python = _PYTHON.fullmatch(self.library)
        return f"libpython{python[1]}" if python else DEBIAN_PACKAGES.get(self.library, "")


class LibraryWatch:
    """Looks at the shared libraries of a wheel while their content passes by."""

    def __init__(self) -> None:
        self.needs: dict[str, str] = {}
        self._brings: set[str] = set()

    @property
    def brings(self) -> tuple[str, ...]:
        """The libraries that were seen, by all their names."""
        return tuple(sorted(self._brings))

    def watch(self, name: str, pieces: Iterator[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
        """The same pieces."""
        return self._read(name, pieces) if is_library(name) else pieces

    def _read(self, name: str, pieces: Iterator[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
        with SpooledTemporaryFile(_KEPT_IN_MEMORY) as copy:
            for piece in pieces:
                copy.write(piece[1])
                yield piece
            own, needed = read_libraries(copy)
        self._brings |= {posixpath.basename(name), own} - {""}
        for library in needed:
            self.needs.setdefault(library, name)


def is_library(name: str) -> bool:
    """Whether a file is named like a shared library."""
    return _LIBRARY.search(name) is not None


def missing_libraries(contents: Mapping[str, Contents], provided: Collection[str]) -> Iterator[MissingLibrary]:
    """What packages need, and neither they nor the base provide; each library once for each package."""
    brought = {library for content in contents.values() for library in content.brings}
    for package, content in sorted(contents.items()):
        for library, file in sorted(content.needs.items()):
            there = library in brought or library in provided or _ALWAYS_THERE.fullmatch(library)
            if not there and not _OF_DRIVERS.fullmatch(library):
                yield MissingLibrary(library, package, file)
